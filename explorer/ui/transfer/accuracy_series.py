"""What a probe says as series of a plot, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.core.activations import Capture
from explorer.core.data_sets import DataSet
from explorer.core.probe import ALL_LAYERS, NEIGHBOURS, PENALTY, PIXELS, TEMPERATURE, UNTRAINED, Point, Probe
from explorer.core.session.resolve import stage
from explorer.core.transfer import TransferResult
from explorer.core.translation import tr
from explorer.ui.graphics.accuracy_plot import AccuracyPoint, AccuracySeries

_TWIN = tr("untrained twin")
_NO_TWIN = tr("Without an untrained twin beside it nothing says that this was learnt.")


def percent(share: float) -> str:
    """A share of one as the workspace writes it: "86.5 %"."""
    return f"{100 * share:.1f} %"


def layer_names(result: Probe) -> tuple[str, ...]:
    """The layers of the curve, in execution order; all together at its end."""
    return (
        *result.taps,
        *((ALL_LAYERS,) if any(p.tap == ALL_LAYERS for p in result.curve) or not result.final else ()),
    )


def axis_names(result: Probe, capture: Capture | None) -> tuple[str, ...]:
    """Under the first layer of each stage its name, "" under the others."""
    stages = {tap.name: stage(tap) for tap in capture.taps} if capture is not None else {}
    named, before = [], ""
    for name in result.taps:
        here = stages.get(name) or name.split(".")[0]
        if before == name or before.startswith(f"{name}."):  # what ends the stage is a part of it
            here = before
        named.append(here if here != before else "")
        before = here
    return (*named, *(tr("all layers") for name in layer_names(result)[len(result.taps) :]))


def place_of(result: Probe, tap: str) -> int | None:
    """Where a layer is on the curve, also one whose values are those of another; None: it has no point."""
    names = layer_names(result)
    if tap in names:
        return names.index(tap)
    return next((names.index(p.tap) for p in result.curve if tap in p.same_as and p.tap in names), None)


def by_layer(result: Probe, count: int) -> tuple[AccuracySeries, ...]:
    """The curve over the layers with so many pictures a class, the untrained twin and the pixels beneath it."""
    places = {name: at for at, name in enumerate(layer_names(result))}

    def points(some: Sequence[Point], what: str) -> tuple[AccuracyPoint, ...]:
        chosen = (p for p in some if p.per_class == count and p.tap in places)
        return tuple(replace(_point(p, places[p.tap], what), alone=p.tap == ALL_LAYERS) for p in chosen)

    twin = [p for p in result.baselines if p.baseline == UNTRAINED]
    series = [AccuracySeries(tr("this model"), points(result.curve, ""))]
    if twin:
        series.append(AccuracySeries(_TWIN, points(twin, _TWIN), "dim"))
    pixels = [p for p in result.baselines if p.baseline == PIXELS and p.per_class == count]
    if pixels:
        series.append(AccuracySeries(tr(PIXELS), (_point(pixels[0], 0, tr(PIXELS)),), "warm", level=True))
    return tuple(series)


def by_count(
    result: Probe, counts: Sequence[int], tap: str, scratch: Sequence[tuple[int, TransferResult]], epochs: int
) -> tuple[AccuracySeries, ...]:
    """The curve of one layer over numbers of pictures a class, its twin, the pixels, and training from scratch."""
    places = {count: at for at, count in enumerate(counts)}

    def points(some: Sequence[Point], what: str) -> tuple[AccuracyPoint, ...]:
        return tuple(_point(p, places[p.per_class], what) for p in some if p.per_class in places)

    of_layer = [p for p in result.curve if p.tap == tap or tap in p.same_as]
    twin = [p for p in result.baselines if p.baseline == UNTRAINED and (p.tap == tap or tap in p.same_as)]
    pixels = [p for p in result.baselines if p.baseline == PIXELS]
    series = [AccuracySeries(tr("probe of {tap}", tap=tap), points(of_layer, "probe"))]
    if twin:
        series.append(AccuracySeries(_TWIN, points(twin, _TWIN), "dim"))
    if pixels:
        series.append(AccuracySeries(tr(PIXELS), points(pixels, tr(PIXELS)), "warm"))
    if scratch:
        drawn = tuple(
            AccuracyPoint(
                places[n],
                r.accuracy,
                r.low,
                r.high,
                tr("from scratch {accuracy}", accuracy=percent(r.accuracy)),
                alone=True,
            )
            for n, r in scratch
            if n in places
        )
        series.append(AccuracySeries(tr("from scratch, {epochs} epochs, one draw", epochs=epochs), drawn, "text"))
    return tuple(series)


def _point(point: Point, place: int, what: str) -> AccuracyPoint:
    said = f"{what or point.title} {percent(point.accuracy)}"
    return AccuracyPoint(place, point.accuracy, point.low, point.high, said)


def in_words(point: Point | None, result: Probe) -> str:
    """A point with what its intervals mean."""
    if point is None:
        return ""
    what = tr("{tap}: {accuracy} right", tap=point.tap, accuracy=percent(point.accuracy))
    if point.draws > 1:
        what += tr(
            "; mean of {draws} draws, {low} to {high}",
            draws=point.draws,
            low=percent(point.low),
            high=percent(point.high),
        )
    what += tr(
        "; {test_low} to {test_high} by the {tested:,} test pictures",
        test_low=percent(point.test_low),
        test_high=percent(point.test_high),
        tested=point.tested,
    )
    if point.balanced == point.balanced and abs(point.balanced - point.accuracy) > 0.0005:
        what += tr("; mean recall {balanced}", balanced=percent(point.balanced))
    twin, pixels = result.point(point.tap, point.per_class, UNTRAINED), result.point(PIXELS, point.per_class, PIXELS)
    beside = [tr("untrained {accuracy}", accuracy=percent(twin.accuracy))] if twin else []
    beside += [tr("pixels {accuracy}", accuracy=percent(pixels.accuracy))] if pixels else []
    return f"{what} ({', '.join(beside)})." if beside else f"{what}."


def conclusion(result: Probe, count: int) -> str:
    """Whether anything is transferred, once all is known: the best layer against both baselines."""
    layers = [p for p in result.curve if p.tap != ALL_LAYERS and p.per_class == count]
    if not result.final or not layers:
        return ""
    best = max(layers, key=lambda p: p.accuracy)
    beside = [p for p in result.baselines if p.per_class == count]
    if not beside:
        return tr(
            "Highest at {tap}, {accuracy}: chosen by its own test pictures, so a little too high.",
            tap=best.title,
            accuracy=percent(best.accuracy),
        )
    other = max(beside, key=lambda p: p.accuracy)
    twin = any(p.baseline == UNTRAINED for p in beside)
    name = tr("the pixels") if other.baseline == PIXELS else tr("{tap} of the untrained twin", tap=other.tap)
    if best.accuracy > other.accuracy and best.low > other.high:
        figures = f"{best.title} {percent(best.accuracy)}, {name} {percent(other.accuracy)}"
        return (
            tr("Features transfer: {figures}.", figures=figures)
            if twin
            else tr("Better than the pixels: {figures}. {no_twin}", figures=figures, no_twin=_NO_TWIN)
        )
    if best.accuracy <= other.accuracy:
        told = tr("better than") if best.high < other.low else tr("as good as")
        return tr(
            "No transfer: {name} ({accuracy}) is {told} the best layer ({accuracy2}).",
            name=name,
            accuracy=percent(other.accuracy),
            told=told,
            accuracy2=percent(best.accuracy),
        )
    return tr(
        "Not to be told apart: {tap} {accuracy}, {name} {accuracy2}; the intervals overlap.",
        tap=best.title,
        accuracy=percent(best.accuracy),
        name=name,
        accuracy2=percent(other.accuracy),
    )


def left_out(result: Probe, listed: DataSet | None) -> str:
    """Pictures that were listed and turned out not to be readable, "" where there are none."""
    known = {path for path, _why in listed.unreadable} if listed is not None else set()
    gone = [(path, why) for path, why in result.data.unreadable if path not in known]
    if not gone:
        return ""
    first = f"{gone[0][0]}: {gone[0][1]}"
    return (
        tr("Left out: {count:,} pictures that cannot be read. {first}", count=len(gone), first=first)
        if len(gone) > 1
        else tr("Left out: {first}", first=first)
    )


def method_words(result: Probe) -> str:
    """The classifier with what its numbers depend on."""
    p = result.params
    pooling = tr(" and ").join({"mean": tr("mean"), "max": tr("maximum")}[each] for each in p.pool.split(","))
    if p.method == "knn":
        how = tr(
            "k-NN, k {neighbours}, T {temperature}, unit length",
            neighbours=min(NEIGHBOURS, result.neighbours),
            temperature=TEMPERATURE,
        )
    else:
        how = tr("Logistic regression, penalty {penalty}, standardised, classes balanced", penalty=PENALTY)
    forwards = (
        tr("{forwards:,} pictures went through the model", forwards=result.forwards)
        if result.forwards
        else tr("no forward was needed")
    )
    return tr(
        "{how}; {pooling} of each channel; seed {seed}; {forwards}.",
        how=how,
        pooling=pooling,
        seed=p.seed,
        forwards=forwards,
    )


def few_shot(result: Probe, tap: str, scratch: Sequence[tuple[int, TransferResult]]) -> str:
    """The probe against training from scratch, at the smallest number where both are known."""
    points = {p.per_class: p for p in result.curve if p.tap == tap or tap in p.same_as}
    both = [(n, points[n], r) for n, r in scratch if n in points]
    if not both:
        return ""
    said = [
        tr(
            "with {n} {accuracy} against {accuracy2}",
            n=tr("{n} a class", n=n) if n else tr("all pictures"),
            accuracy=percent(p.accuracy),
            accuracy2=percent(r.accuracy),
        )
        for n, p, r in sorted(both, key=lambda each: each[0] or 1 << 30)
    ]
    return tr("Probe of {tap} against training from scratch: {list}.", tap=tap, list="; ".join(said))

"""Probe: which layer of a network carries what a new task needs, from a few pictures of each class."""

from __future__ import annotations

import csv
import io
from typing import Any

from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.probe import NEIGHBOURS, PENALTY, TEMPERATURE, Point, Probe, ProbeParams
from explorer.core.translation import tr

_COLUMNS = (
    "baseline",
    "tap",
    "per_class",
    "method",
    "accuracy",
    "low",
    "high",
    "draws",
    "balanced",
    "test_low",
    "test_high",
)


def _classifier(params: ProbeParams, neighbours: int = NEIGHBOURS) -> str:
    """The classifier with what its numbers depend on."""
    pooling = params.pool.replace(",", tr(" and "))
    if params.method == "knn":
        return tr(
            "k-NN, k {neighbours}, T {temperature}, vectors of unit length, {pooling} of each channel",
            neighbours=neighbours,
            temperature=TEMPERATURE,
            pooling=pooling,
        )
    return tr(
        "logistic regression, penalty {penalty}, standardised, classes balanced, {pooling} of each channel",
        penalty=PENALTY,
        pooling=pooling,
    )


def _to_json(result: Probe) -> dict[str, Any]:
    data = result.data
    return {
        "data": data.name,
        "classes": {each.name: len(each.pictures) for each in data.used},
        "unused": {each.name: each.reason for each in data.classes if each.reason},
        "unreadable": [{"path": path, "why": why} for path, why in data.unreadable],
        "tested": len(result.tested),
        "classifier": _classifier(result.params, result.neighbours),
        "curve": [point.to_json() for point in result.curve],
        "baselines": [point.to_json() for point in result.baselines],
        "groups": data.groups,
        "seed": result.params.seed,
        "forwards": result.forwards,
        "batch": result.batch,
        "data_warnings": list(result.warnings),
        "notes": list(result.notes),
        "left_out": [{"tap": name, "why": why} for name, why in result.left_out],
        "split": result.split.to_json(),
    }


def _write(result: Probe) -> str:
    data = result.data
    lines = [
        tr(
            "{count} classes, {count2} pictures, {count3} tested; {data}",
            count=len(data.labels),
            count2=data.count,
            count3=len(result.tested),
            data=data.name,
        )
    ]
    lines.append(_classifier(result.params, result.neighbours))
    lines.append(f"{tr('layer'):<40} {tr('a class'):>7} {tr('accuracy'):>9} {'95 %':>13} {tr('draws'):>5}")
    lines += [_line(point) for point in (*result.curve, *result.baselines)]
    best = result.best
    if best is not None:
        lines.append(tr("highest: {tap}, chosen by these very test pictures", tap=best.tap))
    lines += [tr("warning: {line}", line=line) for line in result.warnings]
    lines += list(result.notes)
    lines += [
        tr("not used: {each}: {reason}", each=each.name, reason=each.reason) for each in data.classes if each.reason
    ]
    lines += [tr("unreadable: {path}: {why}", path=path, why=why) for path, why in data.unreadable]
    return "\n".join(lines)


def _line(point: Point) -> str:
    name = f"{tr(point.baseline)}: {point.title}" if point.baseline not in ("", point.tap) else point.title
    size = str(point.per_class or tr("all"))
    band = f"{100 * point.low:5.1f} – {100 * point.high:5.1f}"
    return f"{name:<40} {size:>7} {100 * point.accuracy:8.1f}% {band:>13} {point.draws:>5}"


def _csv(result: Probe) -> bytes:
    """One line a point, accuracies from 0 to 1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for point in (*result.curve, *result.baselines):
        writer.writerow([getattr(point, name) for name in _COLUMNS])
    return text.getvalue().encode()


def _file_name(result: Probe) -> str:
    return f"probe-{result.params.method}-{len(result.data.labels)}-classes"


def _unfinished(result: Probe) -> str:
    return (
        ""
        if result.final
        else tr("Stopped after {done:,} of {total:,} pictures.", done=result.done, total=result.total)
    )


SPEC = MethodSpec(
    id="probe",
    title=tr("Probe"),
    about=tr("Which layer carries a new task: accuracy of a classifier on the features of each layer"),
    package="explorer.methods.probe",
    scope=Scope.DATA_SET,
    params=ProbeParams,
    result=Probe,
    to_json=_to_json,
    write=_write,
    exports=(
        Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line a layer and number of pictures")),
    ),
    unfinished=_unfinished,
    source="Alain and Bengio 2017, with the protocols of DINO and Head2Toe",
    run_title=tr("Probe"),
    noun=tr("accuracy"),
    unit="",
    explained=Explanation(
        shows=tr(
            "How well a simple classifier solves a new task from the features of each layer, without changing "
            "the network."
        ),
        read=tr(
            "The curve over the layers rises where the network has made the task easy; compare it with the "
            "untrained network and the raw pixels beneath it."
        ),
        misleads=tr(
            "A high accuracy says that the information is there, not that the network uses it; pictures of one "
            "person or burst on both sides of the split make every layer look good, and bands overlap with few "
            "pictures."
        ),
    ),
)

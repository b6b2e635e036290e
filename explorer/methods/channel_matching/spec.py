"""Channel matching: which channels of two layers answer alike over many inputs."""

from __future__ import annotations

from typing import Any

from explorer.core.arrays import Array
from explorer.core.channel_matching import Partner, assigned_to, best_of, orders, turned
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.pairs import PairOffers, PairParams
from explorer.core.representations import Matches
from explorer.core.translation import tr


def _remarks(found: Matches, params: PairParams) -> str:
    return " ".join(
        (
            tr(
                "over {count:,} inputs of {named}, {points:,} locations.",
                count=found.count,
                named=params.inputs.named,
                points=found.points,
            ),
            *found.notes,
        )
    )


def _to_json(found: Matches) -> dict[str, Any]:
    channels = range(found.correlation.shape[0])
    return {
        "taps": list(found.taps),
        "inputs": found.count,
        "places": found.points,
        "channels": list(found.correlation.shape),
        "best": [_partner(best_of(found, c)) for c in channels],
        "paired": [_partner(assigned_to(found, c)) for c in channels],
        "skipped": [list(pair) for pair in found.skipped],
        "notes": list(found.notes),
    }


def _partner(partner: Partner | None) -> dict[str, Any] | None:
    return None if partner is None else {"channel": partner.channel, "correlation": partner.correlation}


def _write(found: Matches) -> str:
    one, other = found.taps
    lines = [
        tr(
            "channels of {one} and of {other} over {count} inputs, {points} locations",
            one=one,
            other=other,
            count=found.count,
            points=found.points,
        )
    ]
    lines.append(f"{tr('channel'):>7} {tr('best'):>7} {'r':>8} {'1-to-1':>7} {'r':>8}")
    for channel in range(found.correlation.shape[0]):
        pair = best_of(found, channel), assigned_to(found, channel)
        cells = [f"{p.channel:>7} {p.correlation:>8.4f}" if p else f"{tr('none'):>7} {'':>8}" for p in pair]
        lines.append(f"{channel:>7} {' '.join(cells)}".rstrip())
    lines += [*found.notes, *(tr("skipped {name}: {why}", name=name, why=why) for name, why in found.skipped)]
    return "\n".join(lines)


def _arrays(found: Matches) -> dict[str, Array]:
    return {"correlation": found.correlation, "best": found.best, "paired": found.assigned}


SPEC = MethodSpec(
    id="match",
    title=tr("Matched channel"),
    about=tr(
        "Matched channels of two layers over many inputs: for each the other one with the highest correlation, and one each"
    ),
    package="explorer.methods.channel_matching",
    scope=Scope.LAYER,
    params=PairParams,
    result=Matches,
    to_json=_to_json,
    write=_write,
    source="Li et al. 2016",
    run_title=tr("Find"),
    noun=tr("comparison"),
    unit=tr("inputs"),
    kept=32,
    pair=PairOffers(turned, _remarks, orders=orders, arrays=_arrays),
    explained=Explanation(
        shows=tr(
            "For each channel of one layer the channel of the other model that correlates with it most, and "
            "the best one-to-one pairing."
        ),
        read=tr("A high correlation over many inputs: both channels rise and fall in the same places."),
        misleads=tr(
            "Correlation is blind to scale and offset, and two channels can correlate because both follow "
            "brightness; the best of many is high by chance where there are few inputs."
        ),
    ),
)

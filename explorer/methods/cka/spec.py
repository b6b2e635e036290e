"""CKA: how similar every layer of one model is to every layer of another, over many inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.channel_matching import turned_cka
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.pairs import LayerRoute, PairOffers, PairParams
from explorer.core.params import choice
from explorer.core.representations import ENOUGH, Cka
from explorer.core.session.cka_path import back, by_path
from explorer.core.session.layer_links import by_depth, by_stride
from explorer.core.translation import tr

_POOL = tr(
    "What is compared of a layer: the mean over its cells, or all cells as they are, which takes far more memory"
)


@dataclass(frozen=True, slots=True)
class CkaParams(PairParams):
    """What of each layer is compared."""

    pool: str = choice("mean", ("mean", "flat"), tr("Cells"), _POOL, titles=(tr("mean"), tr("all")))


def _route(found: Cka) -> LayerRoute:
    path = by_path(found.values)
    return LayerRoute(found.rows, found.columns, path, back(path, found.values))


def _remarks(found: Cka, _params: CkaParams) -> str:
    parts = []
    if found.weak:
        parts.append(
            tr(
                "Grey: {count} inputs are too few for reliable values; use {enough} or more.",
                count=found.count,
                enough=ENOUGH,
            )
        )
    if not found.known.all():
        parts.append(tr("Hatched: no value, a layer is constant over all inputs."))
    if found.skipped:
        parts.append(tr("{count:,} skipped.", count=len(found.skipped)))
    return " ".join((*parts, *found.notes))


def _unfinished(found: Cka) -> str:
    return "" if found.final else tr("Stopped after {count:,} inputs.", count=found.count)


def _to_json(found: Cka) -> dict[str, Any]:
    values = [
        [float(v) if known else None for v, known in zip(row, mask, strict=True)]
        for row, mask in zip(found.values, found.known, strict=True)
    ]
    links = {
        "path": by_path(found.values),
        "depth": by_depth(len(found.rows), len(found.columns)),
        "stride": by_stride(*found.strides),
    }
    return {
        "pool": found.pool,
        "inputs": found.count,
        "batch": found.batch,
        "too_few": found.weak,
        "rows": list(found.rows),
        "columns": list(found.columns),
        "cka": values,
        "links": {how: [found.columns[j] for j in js] for how, js in links.items()},
        "skipped": [list(pair) for pair in found.skipped],
        "notes": list(found.notes),
    }


def _write(found: Cka) -> str:
    lines = [
        tr(
            "debiased linear CKA over {count} inputs{too_few_to_trust}",
            count=found.count,
            too_few_to_trust=tr(": too few to trust") if found.weak else "",
        )
    ]
    lines.append(f"{tr('tap'):<40} {tr('most similar on the path'):<40} {tr('cka'):>8}")
    for i, j in enumerate(by_path(found.values)):
        value = f"{found.values[i, j]:.4f}" if found.known[i, j] else "unknown"
        lines.append(f"{found.rows[i]:<40} {found.columns[j]:<40} {value:>8}")
    lines += [*found.notes, *(tr("skipped {name}: {why}", name=name, why=why) for name, why in found.skipped)]
    return "\n".join(lines)


def _arrays(found: Cka) -> dict[str, Array]:
    return {
        "cka": found.values,
        "known": found.known,
        "rows": np.array(found.rows),
        "columns": np.array(found.columns),
        "count": np.array(found.count),
    }


SPEC = MethodSpec(
    id="cka",
    title=tr("Layer similarity (CKA)"),
    about=tr(
        "Layer similarity (CKA) of two models over many inputs: debiased linear CKA of every layer of one with every layer of "
        "the other, 0 (nothing in common) to 1 (the same up to rotation and scale), and the best monotonic path"
    ),
    package="explorer.methods.cka",
    scope=Scope.MODEL,
    params=CkaParams,
    result=Cka,
    to_json=_to_json,
    write=_write,
    unfinished=_unfinished,
    source="Kornblith et al. 2019; Nguyen et al. 2021 (minibatches)",
    run_title=tr("Start"),
    noun=tr("comparison"),
    unit=tr("inputs"),
    kept=32,
    pair=PairOffers(turned_cka, _remarks, _route, arrays=_arrays),
    explained=Explanation(
        shows=tr(
            "How similar every layer of one model is to every layer of another, over many inputs: 1 for the "
            "same up to rotation and scale."
        ),
        read=tr(
            "A bright diagonal: both compute similar things at similar depths; the line is the best way that "
            "only goes forward in both."
        ),
        misleads=tr(
            "A few directions with a large variance can decide it, and it says nothing about single channels; "
            "with few inputs the values are uncertain, though this estimate has no bias."
        ),
    ),
)

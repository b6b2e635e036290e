"""Health: dead, always-on, duplicate and selective channels of a layer, over one input or many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.dataset import Over
from explorer.core.health import Health, rows, summary, to_csv
from explorer.core.method import Explanation, Export, Measured, MethodSpec, Scope
from explorer.core.params import dataset
from explorer.core.selection import Selection
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class HealthParams:
    """What is measured over."""

    inputs: Over = dataset(tr("Inputs"), tr("Inputs the layer is measured on"))


def _unavailable(selection: Selection, _params: HealthParams) -> str:
    unknown = selection.tap.layout == Layout.OTHER
    return tr("This layer cannot be measured: its layout is unknown.") if unknown else ""


def _needs_picture(params: HealthParams) -> bool:
    return params.inputs.kind == "picture"


def _to_json(result: Health) -> dict[str, Any]:
    histogram = {"edges": result.edges.tolist(), "counts": result.histogram.tolist()}
    return {**summary(result), "rows": rows(result), "histogram": histogram}


def _write(result: Health) -> str:
    whole = summary(result)
    names = ("inputs", "channels", "dead", "always_on", "duplicates", "effective_rank", "participation_ratio")
    lines = [", ".join(f"{name.replace('_', ' ')} {_short(whole[name])}" for name in names)]
    lines.append(f"{tr('channel'):>7} {tr('mean'):>11} {tr('max'):>11} {tr('silent'):>8}  {tr('remarks')}")
    for row in result.channels:
        remarks = [result.silent_word] * row.dead + [tr("always on")] * row.always_on
        remarks += [tr("duplicate of {duplicate_of}", duplicate_of=row.duplicate_of)] * (row.duplicate_of >= 0)
        remarks += [f"{row.prefers} {row.selectivity:.2f}"] * (row.selectivity == row.selectivity)
        values = f"{row.channel:>7} {row.mean:>11.4g} {row.maximum:>11.4g} {row.sparsity:>8.1%}"
        lines.append(f"{values}  {', '.join(remarks)}")
    lines += [*result.notes, *(tr("skipped {name}: {why}", name=name, why=why) for name, why in result.skipped)]
    return "\n".join(lines)


def _short(value: Any) -> str:
    return "unknown" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _unfinished(result: Health) -> str:
    return (
        ""
        if result.final
        else tr("Stopped after {count:,} of {total:,} inputs.", count=result.count, total=result.total)
    )


def _csv(result: Health) -> bytes:
    return to_csv(result).encode()


def _file_name(result: Health) -> str:
    return f"{result.tap}-health-{result.count}-inputs"


def _facts(result: Health) -> Measured:
    """The channels that prefer each class, the most selective first."""
    known = [row for row in result.channels if row.prefers and not math.isnan(row.selectivity)]
    known.sort(key=lambda row: -row.selectivity)
    return {
        f"selective.{label}": tuple(row.channel for row in known if row.prefers == label) for label in result.classes
    }


SPEC = MethodSpec(
    id="health",
    title=tr("Health"),
    about=tr("Health: channels that are dead, always on, duplicate or class-selective, over one input or many"),
    package="explorer.methods.health",
    scope=Scope.LAYER,
    params=HealthParams,
    result=Health,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=_needs_picture,
    exports=(
        Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line per channel, with all measures")),
    ),
    unfinished=_unfinished,
    invitation=tr("Dead, duplicate and class-selective channels, and the effective rank."),
    source="Roy and Vetterli 2007 (effective rank); Morcos et al. 2018 (selectivity)",
    run_title=tr("Measure"),
    unit=tr("inputs"),
    noun=tr("table"),
    facts=_facts,
    explained=Explanation(
        shows=tr(
            "Which channels of a layer are dead, always on, duplicates of others or selective for a class, and "
            "how many dimensions the layer uses."
        ),
        read=tr(
            "Click a heading to sort, a row to select its channel; “selective” is 0 for a channel that answers "
            "all classes equally, 1 for one that answers to a single class."
        ),
        misleads=tr(
            "Everything is about the measured inputs: a channel that is silent on one picture is not dead, and "
            "with few pictures of each class some channels look selective by chance."
        ),
    ),
)

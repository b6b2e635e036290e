"""Network health: silent, always-on and not finite channels of every layer of a network, as one table."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import asdict, dataclass
from typing import Any

from explorer.core.dataset import Over
from explorer.core.health import silent_word
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import dataset
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class NetworkHealthParams:
    """What is measured over."""

    inputs: Over = dataset(tr("Inputs"), tr("Inputs the network is measured on"))


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """One layer over all cells of all inputs that gave it its channels; NaN where there is no finite cell."""

    number: int  # in the order of execution
    tap: str
    kind: str
    channels: int
    silent: int  # channels above zero at no cell of any input
    always_on: int  # channels above zero at every cell of every input
    zeros: float  # fraction of finite cells that are not above zero
    mean: float  # over the finite cells of all channels
    largest: float  # largest absolute value of a finite cell
    not_finite: int  # cells with NaN or infinity

    @property
    def silent_share(self) -> float:
        """Of its channels."""
        return self.silent / self.channels if self.channels else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class NetworkHealth:
    """`layers` in the order of execution, over `count` inputs."""

    count: int
    layers: tuple[LayerHealth, ...]
    skipped: tuple[tuple[str, str], ...] = ()  # (name, why) of inputs that could not be used
    notes: tuple[str, ...] = ()
    total: int = 0
    final: bool = False

    @property
    def silent_word(self) -> str:
        """What a channel is called that is above zero nowhere."""
        return silent_word(self.count)


def _needs_picture(params: NetworkHealthParams) -> bool:
    return params.inputs.kind == "picture"


def _to_json(result: NetworkHealth) -> dict[str, Any]:
    return {
        "inputs": result.count,
        "rows": [{key: _plain(value) for key, value in asdict(layer).items()} for layer in result.layers],
        "skipped": [{"name": name, "why": why} for name, why in result.skipped],
        "notes": list(result.notes),
    }


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write(result: NetworkHealth) -> str:
    lines = [tr("every layer over {count:,} inputs", count=result.count)]
    lines.append(
        f"{tr('channels'):>8} {result.silent_word:>11} {tr('always on'):>9} {tr('zeros'):>7} "
        f"{tr('mean'):>11} {'|max|':>11}  {tr('layer')}"
    )
    for layer in result.layers:
        numbers = f"{layer.channels:>8} {layer.silent:>11} {layer.always_on:>9} {layer.zeros:>7.1%}"
        bad = tr("  {not_finite:,} not finite", not_finite=layer.not_finite) if layer.not_finite else ""
        lines.append(f"{numbers} {layer.mean:>11.4g} {layer.largest:>11.4g}  {layer.tap}{bad}")
    lines += [*result.notes, *(tr("skipped {name}: {why}", name=name, why=why) for name, why in result.skipped)]
    return "\n".join(lines)


def _csv(result: NetworkHealth) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = _to_json(result)["rows"]
    writer.writerow(list(rows[0]) if rows else [])
    writer.writerows([["" if value is None else value for value in row.values()] for row in rows])
    return text.getvalue().encode()


def _file_name(result: NetworkHealth) -> str:
    return f"network-health-{result.count}-inputs"


def _unfinished(result: NetworkHealth) -> str:
    return (
        ""
        if result.final
        else tr("Stopped after {count:,} of {total:,} inputs.", count=result.count, total=result.total)
    )


SPEC = MethodSpec(
    id="network-health",
    title=tr("All layers"),
    about=tr(
        "Health of all layers: how many channels of each are silent, always on or not finite, over one input or many"
    ),
    package="explorer.methods.network_health",
    scope=Scope.MODEL,
    params=NetworkHealthParams,
    result=NetworkHealth,
    to_json=_to_json,
    write=_write,
    needs_picture=_needs_picture,
    exports=(
        Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line per layer, with all measures")),
    ),
    unfinished=_unfinished,
    invitation=tr("Silent, always-on and not finite channels of every layer, in one table."),
    source="Lu et al. 2019 (Dying ReLU and Initialization)",
    run_title=tr("Measure"),
    unit=tr("inputs"),
    noun=tr("table"),
    explained=Explanation(
        shows=tr(
            "Of every layer of the network how many channels are above zero nowhere or everywhere, the fraction "
            "of zeros, the mean and the largest value."
        ),
        read=tr(
            "Click a heading to sort, a row to go to that layer; many silent channels right after a ReLU are "
            "capacity that the network does not use on these inputs."
        ),
        misleads=tr(
            "Only layers that end in a ReLU can be silent in this sense: before it negative values are normal, "
            "and a channel that is silent on one picture is not dead."
        ),
    ),
)

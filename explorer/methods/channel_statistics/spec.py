"""Channel statistics: one number of every channel for each input, and how it is distributed over the inputs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.core.activations import Layout
from explorer.core.arrays import Array
from explorer.core.dataset import Over
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import choice, dataset, integer
from explorer.core.selection import Selection
from explorer.core.translation import msgid, tr

STATISTICS = (msgid("mean"), msgid("maximum"), msgid("standard deviation"), msgid("active fraction"))


@dataclass(frozen=True, slots=True)
class StatisticsParams:
    """What is computed of each channel, and over which inputs."""

    inputs: Over = dataset(tr("Inputs"), tr("Over which inputs the statistic is computed"), kinds=("gallery", "folder"))
    statistic: str = choice(
        "mean", STATISTICS, tr("Statistic"), tr("Number of a channel for one input, over its finite cells")
    )
    bins: int = integer(24, tr("Bins"), tr("Bins of the histogram"), low=2, high=200)


@dataclass(frozen=True, slots=True, eq=False)
class ChannelStatistics:
    """`values[i, c]` is the statistic of channel c for the input `names[i]`, NaN where it has no finite cell."""

    tap: str
    statistic: str
    bins: int
    names: tuple[str, ...]
    labels: tuple[str, ...]  # class of each input, "" for none
    values: Array  # (inputs, channels) float64
    skipped: tuple[tuple[str, str], ...] = ()  # (name, why) of inputs that could not be used
    total: int = 0
    final: bool = False
    notes: tuple[str, ...] = ()  # what must be known of the values

    def histogram(self, channel: int) -> tuple[Array, Array]:
        """(counts, edges) over the inputs with a finite value."""
        values = self.values[:, channel]
        counts, edges = np.histogram(values[np.isfinite(values)], self.bins)
        return counts, edges

    def highest(self, channel: int, count: int = 5) -> list[tuple[str, float]]:
        """(input, value) of the inputs with the highest values, the highest first."""
        values = self.values[:, channel]
        order = [int(i) for i in np.argsort(-values, kind="stable") if np.isfinite(values[i])]
        return [(self.names[i], float(values[i])) for i in order[:count]]


def _unavailable(selection: Selection, _params: StatisticsParams) -> str:
    unknown = selection.tap.layout == Layout.OTHER
    return tr("The layout of this layer is unknown, so it has no channels to compute with.") if unknown else ""


def _needs_picture(_params: StatisticsParams) -> bool:
    return False


def summary(result: ChannelStatistics) -> list[dict[str, Any]]:
    """One dict a channel; None where no input has a finite value."""
    rows = []
    for channel in range(result.values.shape[1]):
        values = result.values[:, channel]
        values = values[np.isfinite(values)]
        best = result.highest(channel, 1)
        numbers = (values.mean(), values.std(), values.min(), values.max()) if values.size else (None,) * 4
        named = zip(("mean", "std", "minimum", "maximum"), numbers, strict=True)
        row = {name: None if number is None else float(number) for name, number in named}
        rows.append({"channel": channel, **row, "highest": best[0][0] if best else None})
    return rows


def _to_json(result: ChannelStatistics) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "statistic": result.statistic,
        "inputs": len(result.names),
        "rows": summary(result),
        "skipped": [{"name": name, "why": why} for name, why in result.skipped],
        "notes": list(result.notes),
    }


def _write(result: ChannelStatistics) -> str:
    lines = [
        tr(
            "{statistic} of each channel of {tap} over {count} inputs",
            statistic=tr(result.statistic),
            tap=result.tap,
            count=len(result.names),
        )
    ]
    lines.append(
        f"{tr('channel'):>7} {tr('mean'):>11} {tr('std'):>11} {tr('min'):>11} {tr('max'):>11}  {tr('highest')}"
    )
    for row in summary(result):
        numbers = (row["mean"], row["std"], row["minimum"], row["maximum"])
        written = " ".join(f"{(tr('unknown') if number is None else format(number, '.4g')):>11}" for number in numbers)
        lines.append(f"{row['channel']:>7} {written}  {row['highest'] or ''}")
    lines += [*result.notes, *(tr("skipped {name}: {why}", name=name, why=why) for name, why in result.skipped)]
    return "\n".join(lines)


def _csv(result: ChannelStatistics) -> bytes:
    """One line an input: its name, its class, the statistic of each channel."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["input", "class", *range(result.values.shape[1])])
    for name, label, values in zip(result.names, result.labels, result.values, strict=True):
        writer.writerow([name, label, *(repr(float(value)) if np.isfinite(value) else "" for value in values)])
    return text.getvalue().encode()


def _file_name(result: ChannelStatistics) -> str:
    return f"{result.tap}-{result.statistic}-{len(result.names)}-inputs"


def _unfinished(result: ChannelStatistics) -> str:
    return (
        ""
        if result.final
        else tr("Stopped after {count:,} of {total:,} inputs.", count=len(result.names), total=result.total)
    )


SPEC = MethodSpec(
    id="channel-statistics",
    title=tr("Statistics"),
    about=tr("Distribution of a channel's mean, maximum or active fraction over the inputs of a folder"),
    package="explorer.methods.channel_statistics",
    scope=Scope.LAYER,
    params=StatisticsParams,
    result=ChannelStatistics,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=_needs_picture,
    exports=(
        Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line an input, one column a channel")),
    ),
    unfinished=_unfinished,
    invitation=tr("One number of every channel for each input, as a histogram over all inputs."),
    run_title=tr("Compute"),
    noun=tr("histogram"),
    unit=tr("inputs"),
    explained=Explanation(
        shows=tr(
            "One number of every channel (mean, maximum, standard deviation or active fraction) for each input "
            "of a set, as a histogram over the inputs."
        ),
        read=tr(
            "The inputs at the right end are those on which the channel is strongest; they are listed beneath "
            "the histogram."
        ),
        misleads=tr(
            "A mean over a map hides where the channel answers, a maximum is a single cell; and what the "
            "highest inputs have in common need not be what the channel reacts to."
        ),
    ),
    source="Bau et al. 2017 (Network Dissection: the distribution of a channel over many pictures)",
)

"""Peak: the cell where a channel is largest."""

from dataclasses import dataclass

from explorer.core.method import MethodSpec, Scope
from explorer.core.params import flag


@dataclass(frozen=True, slots=True)
class PeakParams:
    """Which extreme."""

    lowest: bool = flag(False, "Lowest", "The smallest value instead of the largest")


@dataclass(frozen=True, slots=True)
class Peak:
    """A cell and its value."""

    cell: tuple[int, ...]
    value: float


SPEC = MethodSpec(
    id="peak",
    title="Peak",
    about="The cell where the selected channel is largest",
    package="fme_example.peak",
    scope=Scope.CHANNEL,
    params=PeakParams,
    result=Peak,
    to_json=lambda peak: {"cell": list(peak.cell), "value": peak.value},
    write=lambda peak: f"{peak.value:.6g} at {peak.cell}",
)

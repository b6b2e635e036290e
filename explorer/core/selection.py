"""What a person is looking at: model, input, layer, channel, cell."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.activations import Capture, Tap
from explorer.core.geometry.cells import extent
from explorer.core.models import ModelCard


@dataclass(frozen=True, slots=True)
class Selection:
    """A channel, maybe a cell of it, of a capture without edits; and a class of the prediction: the chosen one, else the best,
    None where the model gives no class vector."""

    card: ModelCard
    capture: Capture
    tap: Tap
    channel: int
    cell: tuple[int, int] | None
    class_index: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int, tuple[int, int] | None]:
        """Equal for the same numbers: captures of the same picture and model are alike."""
        return self.capture.model, self.capture.picture.digest, self.tap.name, self.channel, self.cell


def cell_of(tap: Tap, cell: tuple[int, int] | None) -> tuple[int, int] | None:
    """The selected cell where the tap has it; (-1, t): the prefix token t; the only one of a vector."""
    rows, columns = extent(tap)
    if cell is not None and cell[0] == -1:
        return cell if tap.grid is not None and 0 <= cell[1] < tap.prefix else None
    if (rows, columns) == (1, 1):
        return 0, 0
    return cell if cell is not None and 0 <= cell[0] < rows and 0 <= cell[1] < columns else None

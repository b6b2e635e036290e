"""Long lines that the worker reduces to columns of pixels before they are chosen, so that a key shows them at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.long_lines import LineNumbers, PrepareLines, ReducedLine, is_long_line
from explorer.core.render.statistics import LayerNumbers
from explorer.ui.jobs.client import JobClient, Task


class LineReader(QObject):
    """Holds the layer that is shown and those beside it, no others. What is not ready is drawn all the same, only later.

    `counted`: the numbers of a layer have come."""

    counted = Signal()

    def __init__(self, client: JobClient, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task[ReducedLine | LineNumbers] = Task(client, "long lines", self._take)
        self._lines: dict[str, ReducedLine] = {}
        self._numbers: LineNumbers | None = None

    def reduced(self, name: str, values: Array) -> ReducedLine | None:
        """The layer in columns; None where it is not ready."""
        found = self._lines.get(name)
        return found if found is not None and found.values is values else None

    def numbers(self, name: str, values: Array) -> LayerNumbers | None:
        """The numbers of the layer; None where they are still to come."""
        found = self._numbers
        return found.numbers if found is not None and (found.tap, found.values is values) == (name, True) else None

    def read(self, capture: Capture, shown: Tap, taps: Sequence[Tap], width: int) -> None:
        """Makes the long ones of `taps` ready in this order, then counts the one that is `shown`."""
        long = {tap.name: capture.values.get(tap.name) for tap in taps if is_long_line(tap)}
        self._lines = {name: line for name, line in self._lines.items() if line.values is long.get(name)}
        fits = {name for name, line in self._lines.items() if line.columns.shape[-1] == width}
        wanted = tuple(name for name, values in long.items() if values is not None and name not in fits)
        values = long.get(shown.name)
        count = shown.name if values is not None and self.numbers(shown.name, values) is None else ""
        if wanted or count:
            self._task.ask(PrepareLines(capture, capture.number, wanted, width, count))
        else:
            self._task.drop()

    def _take(self, answer: ReducedLine | LineNumbers, _done: bool) -> None:
        if isinstance(answer, ReducedLine):
            self._lines[answer.tap] = answer
        else:
            self._numbers = answer
            self.counted.emit()

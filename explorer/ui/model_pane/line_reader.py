"""Long lines that the worker reduces to columns of pixels before they are chosen, so that a key shows them at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.long_lines import LineNumbers, PrepareLines, ReducedLine, is_long_line, reduced_line
from explorer.core.render import as_line
from explorer.core.render.statistics import LayerNumbers
from explorer.ui.jobs.client import JobClient, Task


class LineReader(QObject):
    """Holds the layer that is shown and those beside it, no others. What is not ready is reduced when it is shown.

    `counted`: the numbers of a layer have come."""

    counted = Signal()

    def __init__(self, client: JobClient, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task[ReducedLine | LineNumbers] = Task(client, "long lines", self._take)
        self._count: Task[ReducedLine | LineNumbers] = Task(client, "count of a long line", self._take)
        self._lines: dict[str, ReducedLine] = {}
        self._numbers: LineNumbers | None = None

    def reduced(self, tap: Tap, values: Array, width: int) -> ReducedLine | None:
        """The layer in columns: as the worker has made it, whatever its width, else made now; None for what is no long line."""
        found = self._lines.get(tap.name)
        if found is not None and found.values is values:
            return found
        line = as_line(values, tap) if is_long_line(tap) else None
        if line is None or line.dtype.kind != "f":
            return None
        self._lines[tap.name] = reduced_line(tap.name, values, line, width)
        return self._lines[tap.name]

    def numbers(self, name: str, values: Array) -> LayerNumbers | None:
        """The numbers of the layer; None where they are still to come."""
        found = self._numbers
        return found.numbers if found is not None and found.tap == name and found.values is values else None

    def read(self, capture: Capture, taps: Sequence[Tap], width: int) -> None:
        """Makes the long ones of `taps` ready in this order. What is still to be counted waits for the hand to rest: it takes as long
        as some layers."""
        self._count.drop()
        long = {tap.name: capture.values.get(tap.name) for tap in taps if is_long_line(tap)}
        self._lines = {name: line for name, line in self._lines.items() if line.values is long.get(name)}
        fits = {name for name, line in self._lines.items() if line.columns.shape[-1] == width}
        wanted = tuple(name for name, values in long.items() if values is not None and name not in fits)
        if not wanted:
            self._task.drop()
        elif not self._under_way(capture, wanted[0], width):  # asked anew, what runs would be lost
            self._task.ask(PrepareLines(capture, capture.number, wanted, width))

    def _under_way(self, capture: Capture, name: str, width: int) -> bool:
        request = self._task.request
        if not self._task.waiting or not isinstance(request, PrepareLines):
            return False
        return (request.number, request.width) == (capture.number, width) and name in request.names

    def count(self, capture: Capture, tap: Tap) -> None:
        """Asks for the numbers of a layer."""
        request = PrepareLines(capture, capture.number, (), 0, tap.name)
        if not (self._count.waiting and self._count.request == request):
            self._count.ask(request)

    def _take(self, answer: ReducedLine | LineNumbers, _done: bool) -> None:
        if isinstance(answer, ReducedLine):
            self._lines[answer.tap] = answer
        else:
            self._numbers = answer
            self.counted.emit()

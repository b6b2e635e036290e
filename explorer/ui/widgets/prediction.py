"""What the model says the picture is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.edits import Shift
from explorer.core.types import Guess
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import ARROWS, Canvas

_ROW, _NOTE = 28, 18
_TIP = "Click a class to explain it"


class PredictionBars(Canvas):
    """The best guesses: label, share, bar. Always `rows` rows high, so that nothing beneath moves when the answer changes.

    `chosen` carries the index of the class that was clicked, or walked to with the arrow keys.
    """

    chosen = Signal(int)

    def __init__(self, rows: int = 5, parent: QWidget | None = None) -> None:
        super().__init__("Prediction", "No prediction yet.", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows = rows
        self._guesses: tuple[Guess, ...] = ()
        self._note = ""
        self._chosen: int | None = None
        self._shifts: tuple[Shift, ...] = ()
        self._mark = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(_TIP)

    def set_guesses(
        self, guesses: Sequence[Guess], untrained: str = "", labelled: bool = True, notes: Sequence[str] = ()
    ) -> None:
        """Best first. `untrained` is why they mean nothing, as the card says ("untrained, seed 0"), "" where they do; `notes`
        what else must be known of them."""
        self._guesses, self._shifts, self._mark = tuple(guesses[: self._rows]), (), ""
        said = [*([f"{untrained}: by chance"] if untrained else []), *notes]
        if guesses and not labelled:
            said.append("no class labels: indices shown")
        self._note = "; ".join(said)
        self.setToolTip(text.tip("\n".join([*said, _TIP])))
        if not guesses:
            self.set_empty("This model gives no class vector.")
        best = self._guesses[0] if self._guesses else None
        self.setAccessibleDescription(f"{_name(best)} {_share(best.probability)}" if best else self._empty)
        self.update()

    def set_shifts(self, shifts: Sequence[Shift], mark: str) -> None:
        """What edits do to the classes, until the next guesses come; `mark` says how many edits there are."""
        self._shifts, self._mark = tuple(shifts[: self._rows]), mark
        best = self._shifts[0] if self._shifts else None
        told = f"{best.label} {text.percent(best.before)}, then {text.percent(best.after)}" if best else ""
        self.setAccessibleDescription(f"{mark}. {told}")
        self.update()

    @property
    def edited(self) -> bool:
        """Whether the bars show a prediction under edits."""
        return bool(self._mark)

    def set_chosen(self, index: int | None) -> None:
        """Marks a class, or none."""
        self._chosen = index
        self.update()

    def clear(self, message: str) -> None:
        self._guesses, self._shifts, self._note, self._mark = (), (), "", ""
        self.set_empty(message)

    def draw(self, painter: QPainter) -> None:
        if not self._guesses:
            self.draw_empty(painter, QRectF(0, 0, self.width(), min(self.height(), 2 * _ROW)))
            return
        top = 0.0
        if self._said:
            painter.setFont(self.small_font(12, bold=self.edited))
            painter.setPen(QColor(self.theme.warm if self.theme.dark or self.edited else self.theme.dim))
            short = painter.fontMetrics().elidedText(self._said, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRectF(0, 0, self.width(), _NOTE - 4), Qt.AlignmentFlag.AlignVCenter, short)
        top += _NOTE if self._said else 0
        painter.setFont(self.font())
        for at, shift in enumerate(self._shifts):
            self._draw_shift(painter, top + at * _ROW, shift)
        for at, guess in enumerate(() if self._shifts else self._guesses):
            self._draw_row(painter, top + at * _ROW, guess)

    def _draw_row(self, painter: QPainter, top: float, guess: Guess) -> None:
        line, flags = QRectF(0, top, self.width(), 19), Qt.AlignmentFlag
        share = _share(guess.probability)
        room = self.width() - painter.fontMetrics().horizontalAdvance(share) - 12
        painter.setPen(QColor(self.theme.accent if guess.index == self._chosen else self.theme.text))
        name = painter.fontMetrics().elidedText(_name(guess), Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, name)
        painter.setPen(QColor(self.theme.dim))
        painter.drawText(line, flags.AlignRight | flags.AlignVCenter, share)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        length = self.width() * min(max(guess.probability, 0.0), 1.0) if guess.probability == guess.probability else 0.0
        for width, colour in ((float(self.width()), self.theme.track), (max(length, 1.5), self.theme.accent)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(0, top + 20, width, 4), min(2.0, width / 2), 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_shift(self, painter: QPainter, top: float, shift: Shift) -> None:
        """One class before and after: the bar is what is left, the line what was."""
        line, flags = QRectF(0, top, self.width(), 19), Qt.AlignmentFlag
        noise = f" ±{text.number(shift.noise, 2)}" if shift.noise else ""
        change = f"{_share(shift.after)}  {text.points(shift.points)}{noise}"
        room = self.width() - painter.fontMetrics().horizontalAdvance(change) - 12
        painter.setPen(QColor(self.theme.accent if shift.index == self._chosen else self.theme.text))
        name = painter.fontMetrics().elidedText(shift.label, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, name)
        painter.setPen(QColor(self.theme.dim))
        painter.drawText(line, flags.AlignRight | flags.AlignVCenter, change)
        before, after = (self.width() * min(max(share, 0.0), 1.0) for share in (shift.before, shift.after))
        painter.fillRect(QRectF(0, top + 20, self.width(), 4), QColor(self.theme.track))
        painter.fillRect(QRectF(0, top + 20, max(after, 1.5), 4), QColor(self.theme.accent))
        lost = QRectF(min(before, after), top + 20, abs(before - after), 4)
        # a change that may be chance is not shown as one
        painter.fillRect(lost, QColor(self.theme.off if shift.by_chance else self.theme.warm))

    @property
    def _said(self) -> str:
        return f"{self._mark} · ± points" if self._mark else self._note

    @property
    def _classes(self) -> list[int]:
        return [row.index for row in (self._shifts or self._guesses)]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = int((event.position().y() - (_NOTE if self._said else 0)) // _ROW)
        if 0 <= at < len(self._classes):
            self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()), (0, 0))[0]
        if not step or not self._classes:
            super().keyPressEvent(event)
            return
        here = self._classes.index(self._chosen) if self._chosen in self._classes else 0
        self._choose(min(max(here + step, 0), len(self._classes) - 1))

    def _choose(self, at: int) -> None:
        self._chosen = self._classes[at]
        self.chosen.emit(self._chosen)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, self._rows * _ROW + _NOTE)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._rows * _ROW + _NOTE)


def _share(value: float) -> str:
    """A probability; a number that is none (shown as the model gives it) as it is."""
    return text.percent(value) if not value < 0 and not value > 1 else text.number(value)


def _name(guess: Guess) -> str:
    return guess.label or f"class {guess.index}"

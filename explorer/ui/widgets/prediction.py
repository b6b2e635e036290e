"""What the model says the picture is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.core.interventions import Shift
from explorer.core.model_output import Guess
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Elided

_ROW, _NOTE = 28, 18
_TIP = tr("Click a class to set it as the target")
Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class with its share (0..1, NaN possible), as it was before an edit where there is one, and what is written of it."""

    index: int
    name: str
    share: float
    before: float | None
    said: str
    by_chance: bool = False  # a change that may be chance is not shown as one
    colour: str = ""  # "#rrggbb" in which it is drawn over the picture


class ClassModel(QAbstractListModel):
    """Classes as Qt asks for them, assistive technology included."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[ClassRow, ...] = ()

    def set_rows(self, rows: Sequence[ClassRow]) -> None:
        """Other classes; where their number stays only the texts change, and what is selected stays."""
        if len(rows) == len(self.rows):
            self.rows = tuple(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{row.name} {row.said}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr("{row}: {said}. Click to set it as the target", row=row.name, said=row.said)
        return None


class BarDelegate(QStyledItemDelegate):
    """A class as a line of text over a bar: what is left after an edit, and in the warm colour what has changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.chosen: int | None = None

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, text_size.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ClassRow = index.model().rows[index.row()]  # type: ignore[attr-defined]  # the model above
        look, flags, area = theme.current(), Qt.AlignmentFlag, QRectF(option.rect)
        line = QRectF(area.left(), area.top(), area.width(), area.height() - 9)
        room = area.width() - painter.fontMetrics().horizontalAdvance(row.said) - 12
        painter.setPen(QColor(look.accent if row.index == self.chosen else look.text))
        if row.colour:
            side = line.height() * 0.55
            painter.fillRect(QRectF(line.left(), line.center().y() - side / 2, side, side), QColor(row.colour))
            line, room = line.adjusted(side + 6, 0, 0, 0), room - side - 6
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, name)
        painter.setPen(QColor(look.dim))
        painter.drawText(line, flags.AlignRight | flags.AlignVCenter, row.said)
        bar = QRectF(area.left(), area.bottom() - 8, area.width(), 4)
        painter.fillRect(bar, QColor(look.track))
        length = bar.width() * _share(row.share)
        painter.fillRect(QRectF(bar.left(), bar.top(), max(length, 1.5), 4), QColor(row.colour or look.accent))
        if row.before is not None:
            before = bar.width() * _share(row.before)
            lost = QRectF(bar.left() + min(before, length), bar.top(), abs(before - length), 4)
            painter.fillRect(lost, QColor(look.off if row.by_chance else look.warm))


class PredictionBars(QWidget):
    """The best guesses: label, share, bar. Always `rows` rows high, so that nothing beneath moves when the answer changes.

    `chosen` carries the index of the class that was clicked, or walked to with the arrow keys. Of an output that is no class vector
    all rows are there, to be scrolled, and `picked` carries what was clicked: the number of a class or a box, -1 for none any more.
    """

    chosen = Signal(int)
    picked = Signal(int)

    def __init__(self, rows: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Prediction"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows, self._note, self._mark = rows, "", ""
        self._means_nothing = False
        self._finds = False  # classes of a map or boxes are shown
        self._untouched: tuple[Guess, ...] = ()
        self.note, self.view = Elided(), QListView()
        text_size.hold(self.note, "setFixedHeight", _NOTE)
        self._model, self._delegate = ClassModel(self), BarDelegate(self)
        self.view.setObjectName("bars")
        self.view.setAccessibleName(tr("Prediction"))
        self.view.setModel(self._model)
        self.view.setItemDelegate(self._delegate)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setUniformItemSizes(True)
        text_size.hold(self.view, "setFixedHeight", rows * _ROW)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.view)
        column.addStretch(1)
        self.setFocusProxy(self.view)
        self.view.clicked.connect(self._clicked)
        self.view.selectionModel().currentChanged.connect(self._walked)
        self._empty = tr("No prediction yet.")
        self._show()

    # --- setters

    def set_guesses(
        self,
        guesses: Sequence[Guess],
        untrained: str = "",
        labelled: bool = True,
        notes: Sequence[str] = (),
        other: str = "",
    ) -> None:
        """Best first. `untrained` is why they mean nothing, as the card says ("untrained, seed 0"), "" where they do; `notes`
        what else must be known of them; `other` names an output that is no class vector."""
        self._plain()
        shown = tuple(guesses[: self._rows])
        said = [*([tr("{untrained}: by chance", untrained=untrained)] if untrained else []), *notes]
        if guesses and not labelled:
            said.append(tr("no class labels: indices shown"))
        self._note, self._mark = "; ".join(said), ""
        self.setToolTip(text.tip("\n".join([*said, _TIP])))
        if not guesses:
            self._empty = (
                tr("No class vector: the output is {other}.", other=other)
                if other
                else tr("No class predictions: the output is not a class vector.")
            )
        rows = [ClassRow(g.index, _name(g), g.probability, None, _written(g.probability)) for g in shown]
        self._set_rows(rows)
        best = shown[0] if shown else None
        self.setAccessibleDescription(f"{_name(best)} {_written(best.probability)}" if best else self._empty)

    def set_found(self, rows: Sequence[ClassRow], note: str, empty: str, untrained: str = "") -> None:
        """What else a model finds: classes of a map or boxes, and what the numbers are; `empty` is said where there is none."""
        said = [*([tr("{untrained}: by chance", untrained=untrained)] if untrained else []), note]
        self._note, self._mark, self._empty = "; ".join(part for part in said if part), "", empty
        self._finds, self._means_nothing = True, bool(untrained)
        self.setToolTip(text.tip("\n".join(part for part in (*said, tr("Click a line to show it alone")) if part)))
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        if self._delegate.chosen not in [row.index for row in rows]:
            self._delegate.chosen = None
        self._set_rows(rows)
        self.setAccessibleDescription(f"{rows[0].name} {rows[0].said}" if rows else empty)

    def _plain(self) -> None:
        """Classes of a class vector again."""
        if self._finds:
            self._finds, self._delegate.chosen = False, None
            self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_shifts(self, shifts: Sequence[Shift], mark: str) -> None:
        """What edits do to the classes, until the next guesses come; `mark` says how many edits there are."""
        if self._finds:
            return  # there are no classes whose probability could shift
        self._mark = mark
        self._set_rows([_changed(shift) for shift in shifts[: self._rows]])
        best = shifts[0] if shifts else None
        said = (
            tr(
                "{label} {before}, then {after}",
                label=best.label,
                before=text.percent(best.before),
                after=text.percent(best.after),
            )
            if best
            else ""
        )
        self.setAccessibleDescription(f"{mark}. {said}")

    def set_chosen(self, index: int | None) -> None:
        """Marks a class, or none."""
        self._delegate.chosen = index
        self.view.viewport().update()

    def clear(self, message: str) -> None:
        """Shows a sentence instead."""
        self._note, self._mark, self._empty = "", "", message
        self._set_rows([])

    def set_empty(self, message: str) -> None:
        """What is said while there is no prediction."""
        self._empty = message
        self._show()

    @property
    def edited(self) -> bool:
        """Whether the bars show a prediction under edits."""
        return bool(self._mark)

    @property
    def classes(self) -> list[int]:
        """The classes that are shown, best first."""
        return [row.index for row in self._model.rows]

    def _set_rows(self, rows: Sequence[ClassRow]) -> None:
        self._model.set_rows(rows)
        if rows and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self._model.index(0))  # where the arrow keys begin
        self._show()

    def _show(self) -> None:
        look = theme.current()
        said = tr("{mark} · Δ in pp", mark=self._mark) if self._mark else self._note
        said = said if self._model.rows else self._empty
        warm = not self._finds or self._means_nothing
        warm = (
            warm and bool(self._model.rows) and bool(said) and look.dark
        )  # in the light theme it is too pale for text
        colour = look.warm if warm else look.text if self.edited else look.dim
        style = f"color: {colour};{' font-weight: 600;' if self.edited else ''}"
        if style != self.note.styleSheet():  # parsed anew each time
            self.note.setStyleSheet(style)
        self.note.set_text(said, at_end=True)
        self.note.setVisible(bool(said))

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "note"):
            self._show()

    # --- hands

    def _clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _walked(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._finds:
            return
        if current.isValid() and previous.isValid():  # by the arrow keys; the first one comes with the focus
            self._choose(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._finds and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.view.currentIndex().row())
            return
        self.view.keyPressEvent(event)

    def _choose(self, at: int) -> None:
        if self._finds and 0 <= at < len(self._model.rows):
            index = self._model.rows[at].index
            self.set_chosen(None if self._delegate.chosen == index else index)
            self.picked.emit(-1 if self._delegate.chosen is None else index)
            return
        if 0 <= at < len(self._model.rows) and self._model.rows[at].index != self._delegate.chosen:
            self.set_chosen(self._model.rows[at].index)
            self.chosen.emit(self._model.rows[at].index)

    def sizeHint(self) -> QSize:
        return QSize(220, text_size.px(self._rows * _ROW) + text_size.px(_NOTE))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, text_size.px(self._rows * _ROW) + text_size.px(_NOTE))


def _written(value: float) -> str:
    """A probability; a number that is none (shown as the model gives it) as it is."""
    return text.percent(value) if not value < 0 and not value > 1 else text.number(value)


def _changed(shift: Shift) -> ClassRow:
    noise = f" ±{text.number(shift.noise, 2)}" if shift.noise else ""
    said = f"{_written(shift.after)}  {text.points(shift.points)}{noise}"
    return ClassRow(shift.index, shift.label, shift.after, shift.before, said, shift.by_chance)


def _share(share: float) -> float:
    return min(max(share, 0.0), 1.0) if share == share else 0.0


def _name(guess: Guess) -> str:
    return guess.label or tr("class {index}", index=guess.index)

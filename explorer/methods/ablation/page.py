"""What happens without a channel: the active edits, what they do to the prediction, and the channels by their effect."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QWidget,
)

from explorer.core.geometry.cells import Region
from explorer.core.interventions import Ablation, Edit, Edits, Effect, Ranking, Shift
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.model_pane import edit_words
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.page_frame import Page, paragraph
from explorer.ui.widgets.wrapping import WrapLayout

_ROWS = 4  # of the list of edits
_LISTED = 40  # channels of a ranking
_ROW_PX = 24


class Lines(QListWidget):
    """A list whose line in hand is taken away with Delete (`deleted`) and chosen with a click or Enter (`chosen`)."""

    deleted = Signal(int)
    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.itemClicked.connect(self._choose)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.row(item))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self.deleted.emit(self.currentRow())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


class AblationPage(Page):
    """`edited` carries how the selected channel is to be replaced, `silenced` asks for the marked cells in all channels;
    `removed` carries the place of an edit; `rank_asked` starts or stops the ranking; `channel_chosen` carries a channel."""

    edited = Signal(str)
    silenced = Signal()
    removed = Signal(int)
    cleared = Signal()
    undone = Signal()
    rank_asked = Signal()
    channel_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subject, self.result = QLabel(), paragraph()
        self.zero, self.mean, self.freeze = (
            QPushButton(tr("zero")),
            QPushButton(tr("mean")),
            QPushButton(tr("current values")),
        )
        self.zero.setToolTip(tr("Every cell of the channel becomes 0; all later layers are recomputed"))
        self.mean.setToolTip(tr("Every cell becomes the mean of the channel over its cells"))
        self.freeze.setToolTip(
            tr("Hold at current values: the channel keeps the values of this picture for all later pictures and frames")
        )
        self.hint = paragraph(True)
        self.hint.setText(tr("Drag to select a region."))
        self.silence = QPushButton()
        self.silence.setToolTip(tr("All channels of the selected region or cell become 0"))
        self.remove, self.undo, self.clear_all = (
            QPushButton(tr("Remove")),
            QPushButton(tr("Undo")),
            QPushButton(tr("Clear all")),
        )
        self.remove.setToolTip(tr("Remove selected (or last) edit  ( Delete )"))
        self.undo.setToolTip(tr("Undo the last edit; what was changed since stays"))
        self.list = Lines(tr("Active edits"))
        self.list.setToolTip(tr("Delete removes an edit"))
        self.rank = QPushButton()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.ranking = Lines(tr("Channels by effect"))
        self.ranking.setToolTip(tr("Click a channel to select it"))
        text_size.hold(self.ranking, "setMinimumHeight", 7 * _ROW_PX)
        self.rank_note = paragraph(True)
        self.playing = False  # the input moves: edits go along, a ranking needs one picture
        self._channels: list[int] = []
        self._lay_out()
        self._connect()
        self.set_edits(())
        self.set_ranking(None)
        self.set_running(None)
        self.say(tr("Nothing is shown yet."))

    def _lay_out(self) -> None:
        first, second = (WrapLayout(theme.current().tight) for _ in range(2))  # words of other languages are longer
        for widget in (self.zero, self.mean, self.freeze):
            first.addWidget(widget)
        for widget in (self.remove, self.undo, self.clear_all):
            second.addWidget(widget)
        self.add(self.subject, first, self.hint, self.silence, self.list, second, self.result)
        self.add(Caption(tr("Channels by effect")), self.rank, self.progress, self.ranking, self.rank_note)

    def _connect(self) -> None:
        for mode, button in (("zero", self.zero), ("mean", self.mean), ("freeze", self.freeze)):
            button.clicked.connect(partial(self._edit, mode))
        self.silence.clicked.connect(self.silenced)
        self.remove.clicked.connect(self._remove)
        self.undo.clicked.connect(self.undone)
        self.clear_all.clicked.connect(self.cleared)
        self.list.deleted.connect(self.removed)
        self.rank.clicked.connect(self.rank_asked)
        self.ranking.chosen.connect(self._choose_ranked)

    def _edit(self, mode: str, _checked: bool = False) -> None:
        self.edited.emit(mode)

    def _choose_ranked(self, line: int) -> None:
        self.channel_chosen.emit(self._channels[line])

    def set_subject(self, channel: int, region: Region | None, cells: Region | None, class_: str) -> None:
        """What the buttons are about: a channel or a region of it, these cells of all channels, a class."""
        of = "" if region is None else f", {edit_words.region_name(region)},"
        self.subject.setText(tr("Replace channel {channel}{of} by", channel=channel, of=of))
        self.silence.setVisible(cells is not None)
        if cells is not None:
            self.silence.setText(tr("Zero {region_name} in all channels", region_name=edit_words.region_name(cells)))
        short = self.fontMetrics().elidedText(class_, Qt.TextElideMode.ElideRight, 120)
        self.rank.setText(
            tr("Cancel")
            if self.running
            else tr("Rank for “{short}”", short=short)
            if class_
            else tr("No class to rank for")
        )
        self.rank.setToolTip(
            tr("Zeroes every channel of this layer in turn and ranks them by the change of “{value}”", value=class_)
        )
        self.rank.setEnabled(bool(class_) and not self.playing)

    def set_edits(self, edits: Edits, can_undo: bool = False) -> None:
        """The active edits, in order."""
        self.list.clear()
        for edit in edits:
            self._add_edit(edit)
        text_size.hold(self.list, "setFixedHeight", min(max(len(edits), 1), _ROWS) * _ROW_PX + 6)
        self.list.setVisible(bool(edits))
        for button in (self.remove, self.clear_all):
            button.setEnabled(bool(edits))
        self.undo.setEnabled(can_undo)
        if not edits:
            self.result.setText(tr("No edits"))

    def _add_edit(self, edit: Edit) -> None:
        item = QListWidgetItem(edit_words.edit_title(edit))
        item.setToolTip(tr("{edit_title}. Delete removes it.", edit_title=edit_words.edit_title(edit)))
        self.list.addItem(item)

    def _remove(self) -> None:
        here = self.list.currentRow()
        self.removed.emit(here if here >= 0 else self.list.count() - 1)

    def set_result(self, found: Ablation | None, failure: str = "") -> None:
        """What the edits do to the best class; None while it is computed."""
        if failure or found is None:
            self.result.setText(failure or tr("Computing …"))
            return
        lines = [_first_shift(found.shifts)]
        lines.append(
            tr("Recomputed from this layer.")
            if found.resumed
            else tr("Recomputed from the input: {note}.", note=found.note or tr("no edit"))
        )
        self.result.setText("\n".join(lines))

    def set_live(self, shifts: Sequence[Shift]) -> None:
        """What the edits do to the best class of this frame."""
        self.result.setText(_first_shift(shifts))

    # --- the ranking ---

    def set_running(self, fraction: float | None) -> None:
        """How far the ranking is; None: none runs."""
        self.running = fraction is not None
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * (fraction or 0)))

    def set_ranking(self, found: Ranking | None, note: str = "") -> None:
        """The channels by what the class loses without each, what it needs most first."""
        effects = _outermost(found) if found is not None else []
        self._channels = [effect.channel for effect in effects]
        scrolled = self.ranking.verticalScrollBar().value()
        self.ranking.clear()
        self.ranking.addItems([_effect(e, found.noise if found is not None else 0.0) for e in effects])
        self.ranking.verticalScrollBar().setValue(scrolled)
        self.ranking.setVisible(bool(effects))
        if found is not None:
            done = (
                ""
                if found.done == found.total
                else tr("{done} of {total} channels so far. ", done=found.done, total=found.total)
            )
            chance = (
                tr("Differences up to ±{noise} pp are chance. ", noise=text.number(found.noise, 2))
                if found.noise
                else ""
            )
            note = tr(
                "{done}Change of the logit without the channel, in brackets of the probability. {chance}{note}",
                done=done,
                chance=chance,
                note=note or found.note,
            ).strip()
        self.rank_note.setText(note)
        self.rank_note.setVisible(bool(note))


def _outermost(found: Ranking) -> Sequence[Effect]:
    """What the class needs most, and what speaks most against it."""
    if found.done <= _LISTED:
        return found.effects
    return (*found.effects[: _LISTED - 10], *found.effects[-10:])


def _effect(effect: Effect, noise: float) -> str:
    """One line of the ranking."""
    said = tr(
        "channel {channel}:  {logit}  ({points} pp)",
        channel=effect.channel,
        logit=text.signed(effect.logit, 3),
        points=text.points(effect.points),
    )
    return tr("{said}, chance", said=said) if noise and abs(effect.points) <= noise else said


def _first_shift(shifts: Sequence[Shift]) -> str:
    if not shifts:
        return tr("No class predictions: only later maps change.")
    best = shifts[0]
    noise = f" ±{text.number(best.noise, 2)}" if best.noise else ""
    chance = tr(": not more than by chance.") if best.by_chance else ""
    points = f"({text.points(best.points)}{noise} pp)"
    return f"{best.label}: {text.percent(best.before)} → {text.percent(best.after)} {points}{chance}"

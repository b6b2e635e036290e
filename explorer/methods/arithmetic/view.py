"""The page Arithmetic: patch × kernel, the largest products, and the steps that end in the value of the map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.core import render
from explorer.core.arithmetic import Arithmetic, Patch
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.translation import tr
from explorer.methods.arithmetic import words
from explorer.methods.arithmetic.spec import NO_CELL
from explorer.ui import theme
from explorer.ui.graphics.still_panel import StillPanel
from explorer.ui.graphics.value_grid import PatchGrid
from explorer.ui.widgets.choice import ElidedComboBox
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.page_frame import Page, paragraph

_CHOICES = 64  # input channels in the list
_WEIGHED = (tr("values"), tr("weights"), tr("products"))


def tool(sign: str, tip: str, checkable: bool = False) -> QToolButton:
    """A small button with a sign on it."""
    button = QToolButton()
    button.setText(sign)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition("  (")[0])
    button.setCheckable(checkable)
    return button


class ArithmeticView(Page):
    """`stepped` asks for the cell so many places on, `played` to let the window slide, `channel_chosen` carries the input
    channel that is looked at, `effective` whether the effective field is to be drawn on the picture."""

    stepped = Signal(int)
    played = Signal(bool)
    channel_chosen = Signal(int)
    effective = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Arithmetic | None = None
        self.headline, self.agreement = paragraph(), paragraph(True)
        font = self.headline.font()
        font.setBold(True)
        self.headline.setFont(font)
        self.back, self.play, self.ahead = (
            tool("◀", tr("Previous cell")),
            tool("▶▶", tr("Play over all cells"), True),
            tool("▶", tr("Next cell")),
        )
        self.choice = ElidedComboBox()
        self.choice.setAccessibleName(tr("Input channel"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.patch, self.window_view = PatchGrid(), StillPanel(tr("Window on the input map"))
        self.before = paragraph(True)
        self.table = NumbersTable()
        self.steps = paragraph()
        self.sees = paragraph(True)
        self.field = QCheckBox(tr("Show effective receptive field"))
        self.field.setToolTip(
            tr(
                "Mean magnitude of the gradient of this cell, over this picture and others in memory. "
                "Luo, Li, Urtasun, Zemel: Understanding the effective receptive field, 2016."
            )
        )
        self._lay_out()
        self.back.clicked.connect(self._step_back)
        self.ahead.clicked.connect(self._step_ahead)
        self.play.toggled.connect(self.played)
        self.choice.activated.connect(self._choose)
        self.field.toggled.connect(self.effective)
        self.say(NO_CELL)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        for button in (self.back, self.play, self.ahead):
            line.addWidget(button)
        line.addWidget(self.agreement, 1)
        self.terms = Caption(tr("Largest terms"))
        self.add(self.headline, line, self.choice, self.patch, self.before, self.window_view, self.terms, self.table)
        self.add(Caption(tr("Steps")), self.steps, Caption(tr("Receptive field")), self.sees, self.field)

    def say(self, message: str) -> None:
        """Words instead of numbers: what to do next, or what went wrong."""
        super().say(message)
        if message:
            self.found = None
            self.play.setChecked(False)

    def set_arithmetic(self, found: Arithmetic) -> None:
        """How a cell is computed; the input channel that was looked at stays where it still exists."""
        chosen = self.channel
        self.found = found
        self.say("")
        self.headline.setText(words.headline(found))
        self.agreement.setText(words.agreement(found))
        rows = words.contributions(found)
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))
        self.terms.setVisible(bool(rows))
        self.steps.setText(words.steps(found))
        self._offer(found.steps[0].patch, chosen)

    def set_seen(self, sentence: str) -> None:
        """What the cell sees of the picture, in words."""
        self.sees.setText(sentence)

    def set_before(self, sentence: str, map_: Array | None = None, colormap: str = "") -> None:
        """The map that the window slides over; None: it is the picture, or has no cells."""
        self.before.setText(sentence)
        patch, at = self.found.steps[0].patch if self.found else None, self.position
        shown = map_ is not None and patch is not None and len(patch.at) == 2 and at is not None
        self.window_view.setVisible(shown)
        if shown and map_ is not None and patch is not None:
            rows, columns = patch.at
            limits = render.limits(map_[None], render.ScaleMode.PER_MAP)
            colormap = theme.current().diverging if limits.signed else colormap
            self.window_view.set_pictures([render.colorize(map_, limits, colormap)])
            window = Box(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
            self.window_view.set_window(window)

    @property
    def position(self) -> int | None:
        """The chosen input channel's place in the patch."""
        return self.choice.currentData() if self.choice.count() else None

    @property
    def channel(self) -> int | None:
        """The chosen input channel, as the map before counts them."""
        patch = self.found.steps[0].patch if self.found is not None else None
        return None if patch is None or self.position is None else int(patch.channels[self.position])

    def _offer(self, patch: Patch | None, chosen: int | None) -> None:
        self.choice.clear()
        windowed = patch is not None and len(patch.at) in (1, 2)
        self.choice.setVisible(windowed)
        self.patch.setVisible(windowed)
        if patch is None or not windowed:
            return
        what = tr("input channel") if patch.keys is None else tr("head of the attention")
        self.choice.setToolTip(tr("The {what}, the largest contribution first", what=what))
        for at, title in words.channel_choices(patch)[:_CHOICES]:
            self.choice.addItem(title, at)
        held = [i for i in range(self.choice.count()) if int(patch.channels[self.choice.itemData(i)]) == chosen]
        self.choice.setCurrentIndex(held[0] if held else 0)
        self._show_patch(patch)

    def _step_back(self) -> None:
        self.stepped.emit(-1)

    def _step_ahead(self) -> None:
        self.stepped.emit(1)

    def _choose(self, _at: int) -> None:
        if self.found is not None and self.found.steps[0].patch is not None:
            self._show_patch(self.found.steps[0].patch)
            self.channel_chosen.emit(self.channel if self.channel is not None else 0)

    def _show_patch(self, patch: Patch) -> None:
        at = self.position or 0
        whole = (patch.values, patch.weights, patch.products)
        tops = tuple(_top(part) for part in whole)
        block = patch.keys.block if patch.keys is not None else None
        if block is not None:  # tokens as they lie in the picture
            parts, padded = tuple(part[at][block] for part in whole), patch.padded[block]
        else:
            parts, padded = tuple(_table(part[at]) for part in whole), _table(patch.padded)
        self.patch.set_patch(parts, tops, padded, PatchGrid.TITLES if patch.keys is None else _WEIGHED)


def _table(values: Array) -> Array:
    return values if values.ndim == 2 else values.reshape(1, -1)


def _top(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0

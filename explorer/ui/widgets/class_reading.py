"""Which output of the model is its class vector and how its numbers become probabilities: said on a button, chosen in its menu."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from explorer.core.scores import PROBABILITIES, Probabilities, Scale, Scores
from explorer.core.translation import tr
from explorer.ui.widgets.fitting_button import FittingButton
from explorer.ui.widgets.text import tip

_SCALES: dict[Scale, str] = {
    "softmax": "softmax",
    "sigmoid": "sigmoid",
    "as-is": tr("as given"),
    "exp": "exp",
}
_CHOICES: dict[Probabilities, str] = {
    "auto": tr("Automatic"),
    "softmax": tr("Logits: softmax, exclusive classes"),
    "sigmoid": tr("Logits: sigmoid, independent classes"),
    "as-is": tr("Already probabilities: used as they are"),
}


class ReadingButton(FittingButton):
    """`chosen` carries the key of an output, "" for the likeliest, and how its numbers become probabilities."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Output and probabilities"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self._scores: Scores | None = None
        self._output = ""  # what was asked for
        self.set_scores(None)

    def set_scores(self, scores: Scores | None, output: str = "") -> None:
        """How the class vector is read, None where there is none; `output` is the one that was asked for, "" the likeliest."""
        if scores == self._scores and output == self._output and self.text():
            return
        self._scores, self._output = scores, output
        self.setVisible(scores is not None)
        if scores is None:
            return
        name = scores.output.rpartition(".")[2]
        short = "" if len(scores.outputs) < 2 else f"{name[:12]}…" if len(name) > 13 else name
        scale = f"{_SCALES[scores.scale]} ▾"
        self.set_words(*(" · ".join(part for part in parts if part) for parts in ([short, scale], [scale])))
        self.setAccessibleName(tr("Output and probabilities"))
        self.setToolTip(
            tip(tr("{scores_text}.\nClass output, and how its values become probabilities", scores_text=scores.text))
        )
        self.setAccessibleDescription(scores.text)

    def _fill(self) -> None:
        menu, scores = self.menu(), self._scores
        menu.clear()
        if scores is None:
            return
        if len(scores.outputs) > 1:
            self._head(tr("Class output"))
            likeliest = f"Automatic{f' ({scores.output})' if not self._output else ''}"
            names = [("", likeliest), *((key, key or tr("(no name)")) for key in scores.outputs)]
            group = QActionGroup(menu)
            for key, title in names:
                self._add(group, title, key == self._output, key, scores.asked)
        self._head(tr("Values"))
        group = QActionGroup(menu)
        for asked in PROBABILITIES:
            told = f" ({scores.why})" if asked == scores.asked == "auto" else ""
            self._add(group, f"{_CHOICES[asked]}{told}", asked == scores.asked, self._output, asked)

    def _head(self, title: str) -> None:
        """A line that cannot be chosen: a section's own title is not drawn by every style."""
        self.menu().addSeparator()
        self.menu().addAction(title).setEnabled(False)

    def _add(self, group: QActionGroup, title: str, checked: bool, output: str, asked: Probabilities) -> None:
        action = QAction(title.replace("&", "&&"), self.menu())
        action.setCheckable(True)
        action.setChecked(checked)
        group.addAction(action)
        action.triggered.connect(partial(self._choose, output, asked))
        self.menu().addAction(action)

    def _choose(self, output: str, asked: Probabilities, _checked: bool = True) -> None:
        # known at once: the next choice may come before what this one shows
        self._output = output
        self._scores = replace(self._scores, asked=asked) if self._scores is not None else None
        self.chosen.emit(output, asked)

"""Right in the Dataset workspace: the chosen picture, and what is near to it. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid

NEAR = (
    (tr("the chosen one"), "chosen"),
    (tr("Explore's input"), "input"),
    (tr("the cell selected in Explore"), "cell"),
)


class ChosenPanel(Frame):
    """`jumped` asks for the chosen picture in Explore; `near_chosen` carries what neighbours are of; `opened` and `leapt` the name of a
    neighbour that was clicked or double-clicked, `wanted` the names of those without a thumbnail."""

    jumped = Signal()
    near_chosen = Signal(str)
    opened = Signal(str)
    leapt = Signal(str)
    wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Chosen"), parent)
        self.name, self.facts = Elided(), paragraph(True)
        self.picture = ImagePanel()
        self.picture.setAcceptDrops(False)
        self.picture.setMaximumHeight(280)
        self.picture.set_empty(tr("Click one to see it here."))
        self.sentence = paragraph()
        self.open = QPushButton(tr("Open in Explore"))
        self.open.setToolTip(tr("This input in Explore, with the model of the index  ( Return )"))
        for widget in (self.name, self.picture, self.sentence, self.facts, self.open):
            self.add(widget)
        self.section(tr("Nearest"))
        self.near = choice(
            tr("Nearest to"),
            tr("What the neighbours are of: cosine of pooled features, or of single cells"),
            list(NEAR),
            240,
        )
        self.near_note, self.grid = paragraph(True), PictureGrid(tr("Nearest"))
        self.add(self.near)
        self.add(self.near_note)
        self.add(self.grid, 1)
        self.open.clicked.connect(self.jumped)
        on_choice(self.near, self.near_chosen.emit)
        self.grid.opened.connect(self.opened)
        self.grid.doubleClicked.connect(self._leap)
        self.grid.wanted.connect(self.wanted)
        self.show_picture("", "", "")
        self.show_near((), "")

    def _leap(self, index: QModelIndex) -> None:
        self.leapt.emit(self.grid.items[index.row()].path)

    # --- setters; they emit nothing ---

    def show_picture(self, name: str, facts: str, sentence: str) -> None:
        """Another one, whose pixels follow; "": none."""
        self.name.set_text(name)
        self.name.setVisible(bool(name))
        self.say_facts(facts)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.picture.setVisible(not sentence)
        self.open.setEnabled(bool(name))
        self.set_pixels(None)

    def say_facts(self, facts: str) -> None:
        """What is known of it, in lines."""
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))

    def set_pixels(self, pixels: Array | None) -> None:
        """(h, w, 3) uint8 of the chosen picture; None: it is still to come, or cannot be read."""
        if pixels is None:
            self.picture.show_message(True)
        else:
            self.picture.set_picture(pixels, "", pixels.shape[:2])
            self.picture.show_message(False)

    def show_near(self, pictures: Sequence[GridPicture], note: str) -> None:
        """The nearest first; `note` says of what, or why there are none."""
        self.grid.set_pictures(pictures)
        self.near_note.setText(note)
        self.near_note.setVisible(bool(note))
        self.grid.ask()

    def set_near(self, of: str) -> None:
        """What the neighbours are of."""
        self.near.setCurrentIndex(max(self.near.findData(of), 0))

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """(h, w, 3) uint8 by name."""
        self.grid.set_thumbnails(pictures)

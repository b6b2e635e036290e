"""The page Examples: nine pictures of the selected channel, its classes, and what must be known of the list. Passive."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.core.arrays import Array
from explorer.core.data_index import ClassBar
from explorer.core.example_pictures import ExamplePicture
from explorer.core.translation import tr
from explorer.methods.examples.spec import ORDERS, TITLES
from explorer.ui.data_index.class_bars import ClassBars
from explorer.ui.data_index.example_tiles import ExampleTiles
from explorer.ui.data_index.shown_examples import ShownExample
from explorer.ui.data_index.whole_preview import WholePreview
from explorer.ui.widgets.choice import choice, fill, on_choice
from explorer.ui.widgets.frames import Caption, Elided
from explorer.ui.widgets.page_frame import Page, column_of, paragraph

_ORDER_TIP = tr(
    "Which inputs: those with the highest value, with the lowest, or some by chance above half of the maximum"
)


class ExamplesPage(Page):
    """`order_chosen`, `label_chosen` ("": all classes) and `index_chosen` (a file) carry what was chosen; `opened` the place of an
    example, `played` that of a sound; `index_asked` asks for an index to be made, `folder_asked` where the data set is now;
    `left`: the pointer has gone."""

    order_chosen = Signal(str)
    label_chosen = Signal(str)
    index_chosen = Signal(str)
    opened = Signal(int)
    played = Signal(int)
    index_asked = Signal()
    folder_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = choice(tr("Show"), _ORDER_TIP, list(zip(TITLES, ORDERS, strict=True)), 4000)
        self.label = choice(tr("Class"), tr("Inputs of every class, or of one alone"), [(tr("all classes"), "")], 132)
        self.index = choice(tr("Index"), tr("Which data set: the indexes of this model"), [], 4000)
        self.status, self.tiles, self.note = (
            paragraph(True),
            ExampleTiles(tr("Examples of the channel")),
            paragraph(True),
        )
        self.bars_title, self.bars = Caption(tr("Classes")), ClassBars()
        self.bars_title.setToolTip(
            tr(
                "Bar and number at the right: mean of the inputs' maxima. Number before it: how many of the channel's best "
                "inputs are of the class. Click a class for its own examples."
            )
        )
        self.preview = WholePreview()
        self.none, self.none_words = QWidget(), paragraph()
        self.make = QPushButton(tr("Index a folder…"))
        self.make.setToolTip(
            tr("Opens the workspace Dataset, where a folder, sounds or a text file are indexed for this model")
        )
        self.moved, self.moved_words = QWidget(), paragraph()
        self.choose = QPushButton(tr("Choose its folder…"))
        self.choose.setToolTip(tr("Where the data set lies now; asked once"))
        self.name = Elided()
        self.name.setObjectName("dim")
        self._pictures: dict[int, ExamplePicture] = {}
        self._shown: tuple[ShownExample, ...] = ()
        for box in (self.order, self.label, self.index):  # the panel is narrow: none may widen it
            box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
        self._lay_out()
        on_choice(self.order, self.order_chosen.emit)
        on_choice(self.label, self.label_chosen.emit)
        on_choice(self.index, self.index_chosen.emit)
        self.tiles.opened.connect(self.opened)
        self.tiles.played.connect(self.played)
        self.tiles.pointed.connect(self._point)
        self.bars.chosen.connect(self.label_chosen)
        self.make.clicked.connect(self.index_asked)
        self.choose.clicked.connect(self.folder_asked)
        self.destroyed.connect(self.preview.deleteLater)
        self.say(tr("Nothing is shown yet."))

    def _lay_out(self) -> None:
        column_of(self.none, self.none_words, self.make)
        column_of(self.moved, self.moved_words, self.choose)
        self.listed, row = QWidget(), QHBoxLayout()
        row.addWidget(self.order, 1)
        row.addWidget(self.label, 1)
        column_of(
            self.listed,
            row,
            self.index,
            self.name,
            self.moved,
            self.tiles,
            self.status,
            self.note,
            self.bars_title,
            self.bars,
        )
        self.add(self.none, self.listed)
        self.moved.hide()
        self.note.hide()
        self.set_bars(())

    # --- setters ---

    def show_none(self, words: str) -> None:
        """There is no index, or none with this layer; "" shows the list."""
        self.none_words.setText(words)
        self.none.setVisible(bool(words))
        self.listed.setVisible(not words)
        if words:
            self.preview.hide()

    def set_indexes(self, titles: Sequence[tuple[str, str]], current: str) -> None:
        """(title, file) of the indexes of the model; emits nothing."""
        self.index.clear()
        for title, store in titles:
            self.index.addItem(title, store)
        self.index.setCurrentIndex(max(self.index.findData(current), 0))
        self.index.setVisible(len(titles) > 1)
        self.name.setVisible(len(titles) == 1)
        self.name.set_text(titles[0][0] if titles else "")

    def set_choices(self, order: str, label: str, labels: Sequence[str]) -> None:
        """What is chosen, and which classes there are; emits nothing."""
        self.order.setCurrentIndex(max(self.order.findData(order), 0))
        fill(self.label, [(tr("all classes"), ""), *((name, name) for name in labels)])
        self.label.setCurrentIndex(max(self.label.findData(label), 0))
        self.label.setVisible(bool(labels))

    def show_examples(
        self, shown: Sequence[ShownExample], pictures: Sequence[ExamplePicture | None], status: str
    ) -> None:
        """Another list, with the pictures that are there already."""
        self._shown = tuple(shown)
        self._pictures = {at: each for at, each in enumerate(pictures) if each is not None}
        self.tiles.set_examples(self._shown, status)
        for at in range(len(self.tiles.tiles)):
            self.tiles.set_picture(at, self._pictures.get(at))
        self.status.setText(status if shown else "")
        self._repoint()

    def put_picture(self, at: int, picture: ExamplePicture) -> None:
        """What was read of an example."""
        self._pictures[at] = picture
        self.tiles.set_picture(at, picture)
        self._repoint()

    def crops(self, count: int) -> tuple[Array | None, ...]:
        """The part of each of so many examples that is drawn; None where it has not come."""
        pictures = (self._pictures.get(at) for at in range(count))
        return tuple(picture.crop if picture is not None else None for picture in pictures)

    def set_note(self, words: str) -> None:
        """What could not be had, or what follows when the hand rests."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def set_bars(self, bars: Sequence[ClassBar]) -> None:
        """Every class on the channel; none where the data set has no classes."""
        self.bars.set_bars(bars)
        for widget in (self.bars_title, self.bars):
            widget.setVisible(bool(self.bars.bars))

    def show_moved(self, words: str) -> None:
        """The data set is not where it was; "": it is."""
        self.moved_words.setText(words)
        self.moved.setVisible(bool(words))

    @property
    def pointed(self) -> bool:
        """Whether the pointer is over the page: nothing is to change under it."""
        return self.isVisible() and self.underMouse()

    # --- the whole picture ---

    def _point(self, at: int) -> None:
        picture = self._pictures.get(at)
        if picture is None or at >= len(self._shown):
            self.preview.hide()
        else:
            self.preview.show_picture(picture, self._shown[at].name, self.tiles.tiles[at], self.tiles)

    def _repoint(self) -> None:
        """The pointer rests while other pictures come."""
        here = (at for at, tile in enumerate(self.tiles.tiles) if tile.isVisible() and tile.underMouse())
        self._point(next(here, -1))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.preview.hide()

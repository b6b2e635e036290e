"""Keeps the page Examples in step with the selected channel: reads the index, asks for crops and for cells that are not known."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer

from explorer.core.activations import Capture
from explorer.core.data_index import ChannelTop, IndexedTap, IndexFacts
from explorer.core.errors import ExplorerError, Failure
from explorer.core.example_pictures import ExamplePicture
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.guides.result_values import flattened
from explorer.core.index_requests import LocateCells
from explorer.core.method import Measured
from explorer.core.ready_sets import data_title, short_title
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.engine.data_index.index_reader import IndexReader, listed
from explorer.methods.examples.figure import figure
from explorer.methods.examples.page import ExamplesPage
from explorer.methods.examples.spec import SPEC, ExamplesParams
from explorer.ui.data_index.crop_cache import CropCache
from explorer.ui.data_index.moved_data import ask_moved
from explorer.ui.data_index.shown_examples import asked_of, list_words, shown_examples, without_ties
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.remembered import remember, remembered
from explorer.ui.sound.player import Player

_REST = 120  # ms after which what takes longer than reading the list follows
_NONE = tr("No data set has been indexed for this model yet: an index says which of many inputs excite each channel.")
_NO_TAP = tr("The index “{}” has no values of this layer. It has those of {}.")


class Presenter:
    """While channels are scrubbed only the list is read; crops, classes and cells follow when the hand rests."""

    def __init__(self, client: JobClient, host: PageHost) -> None:
        self.spec, self._host, self.view = SPEC, host, ExamplesPage()
        self.params: ExamplesParams = remembered(host.settings, SPEC)
        self.found: ChannelTop | None = None  # what is shown
        self._selection: Selection | None = None
        self._facts: IndexFacts | None = None  # of the index that is shown
        self._tap: IndexedTap | None = None
        self._listed: tuple[str, tuple[str, ...]] | None = None  # model and indexes that the page offers
        self._choices: tuple[str, str, tuple[str, ...]] | None = None  # that the page offers
        self._stale = False  # the indexes have changed while the pointer was over the page
        self.crops = CropCache(client, "examples", self._take_picture, self._fail, self.view)
        self._locate: Task[ChannelTop] = Task(client, "example cells", self._take_cells, self._fail)
        self._located: ResultCache[ChannelTop] = ResultCache(64)
        self._player: Player | None = None
        self._rest = QTimer(self.view, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._follow_up)
        view = self.view
        view.order_chosen.connect(self.set_order)
        view.label_chosen.connect(self.set_label)
        view.index_chosen.connect(self.set_index)
        view.opened.connect(self.open)
        view.played.connect(self.play)
        view.index_asked.connect(self._make_index)
        view.folder_asked.connect(self.choose_folder)
        view.left.connect(self._left)
        host.indexes.changed.connect(self._indexes_changed)

    @property
    def waiting(self) -> bool:
        """Whether something is still to follow."""
        return self.crops.waiting or self._locate.waiting or self._rest.isActive()

    # --- what is selected ---

    def facts_of(self, selection: Selection) -> Measured | None:
        """What the list of a selection's channel says; None while it is not shown."""
        found = self.found
        if found is None or not self._same(self._selection, selection):
            return None
        data = self._facts.settings.data if self._facts is not None else ""
        return {**flattened(SPEC.to_json(found)), "order": (found.order,), "data": (data,)}

    def figure(self) -> FigureDescription | None:
        """The figure of the list that is shown, with the pictures that are there."""
        if self.found is None or self._selection is None:
            return None
        return figure(self.found, FigureSubject(self._selection, pictures=self.view.crops(len(self.found.entries))))

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown; `follow` comes next."""

    def choose_class(self) -> None:
        """The classes of a data set are not those of the prediction."""

    def leave(self) -> None:
        """The page is no longer looked at."""
        if self._selection is None:
            return
        self._selection = self.found = None
        self.crops.drop()
        self._locate.drop()
        self._rest.stop()
        self._stop_playing()

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be shown."""
        if blocked or selection is None:
            self.leave()
            self.view.say(blocked or tr("Nothing is shown yet."))
            return
        before, self._selection = self._selection, selection
        reason = SPEC.unavailable(selection, self.params)
        self.view.say(reason)
        if not reason and not self._same(before, selection):
            self._show()

    def _same(self, before: Selection | None, now: Selection) -> bool:
        """Another cell or picture changes nothing."""
        if before is None or self.found is None:
            return False
        return (before.card.digest, before.tap.name, before.channel) == (now.card.digest, now.tap.name, now.channel)

    # --- the list ---

    def _show(self) -> None:
        selection = self._selection
        if selection is None:
            return
        reader = self._reader(selection)
        if reader is None or self._facts is None:
            return
        tap, channel, params = selection.tap.name, selection.channel, self.params
        try:
            self._tap = reader.tap(tap)
            label = params.label if params.label in self._facts.labels else ""
            found = without_ties(listed(reader, params.order, tap, channel, label))
        except ExplorerError as error:
            self.found, self._tap = None, None
            self.crops.drop()
            if not self._has(reader, tap):
                taps = ", ".join(each.name for each in reader.taps[:6]) + (" …" if len(reader.taps) > 6 else "")
                self.view.show_none(_NO_TAP.format(data_title(self._facts.settings.data), taps))
            else:
                self.view.show_none("")
                self.view.show_examples((), (), str(error))
                self._follow_soon()
            return
        self.view.show_none("")
        self.found = self._located.get(self._cells_asked(found)) or found
        self._draw()
        self._follow_soon()

    def _has(self, reader: IndexReader, tap: str) -> bool:
        try:
            return reader.has(tap)
        except ExplorerError:
            return False

    def _follow_soon(self) -> None:
        self.view.set_note("")
        self._locate.drop()
        self._rest.start()

    def _draw(self) -> None:
        found, tap, selection, facts = self.found, self._tap, self._selection, self._facts
        if found is None or tap is None or selection is None or facts is None:
            return
        pre, folder = selection.card.preprocess, self._host.indexes.folder(facts)
        shown = shown_examples(found, tap, pre)
        pictures: list[ExamplePicture | None] = [None] * len(shown)
        if facts.settings.kind != "text":
            pictures = self.crops.show(
                asked_of(found.entries, folder), tap.receptive, pre, folder, self.view.tiles.pixels
            )
        self.view.show_examples(shown, pictures, list_words(found, tap, facts))

    def _reader(self, selection: Selection) -> IndexReader | None:
        """Of the index that the settings name, else of the largest one of the model; None: there is none, which is said."""
        shelf, model = self._host.indexes, selection.card.digest
        every = shelf.of(model)
        facts = next((each for each in every if self.params.store in _names(each)), every[0] if every else None)
        offered = model, tuple(each.path for each in every)
        if offered != self._listed or facts != self._facts:
            self._listed, self._facts = offered, facts
            titles = [(f"{short_title(each.settings.data)} · {each.done:,}", each.path) for each in every]
            self.view.set_indexes(titles, facts.path if facts is not None else "")
            self.view.show_moved("")
        if facts is None:
            self._without(_NONE)
            return None
        choices = self.params.order, self.params.label, facts.labels
        if choices != self._choices:
            self._choices = choices
            self.view.set_choices(*choices)
        try:
            return shelf.reader(facts.path)
        except ExplorerError as error:
            self._without(str(error))
            return None

    def _without(self, words: str) -> None:
        self.found = None
        self.crops.drop()
        self.view.show_none(words)

    # --- what follows when the hand rests ---

    def _follow_up(self) -> None:
        selection, facts = self._selection, self._facts
        if selection is None or facts is None:
            return
        try:
            reader = self._host.indexes.reader(facts.path)
            of = reader.tap(selection.tap.name)
            self.view.set_bars(reader.classes(of.name, selection.channel) if facts.labels and of.sums else ())
            if self.params.order == "above half" and self.found is not None:
                many = reader.count_above_half(of.name, selection.channel, self.found.label)
                self.view.set_note(
                    tr(
                        "{many:,} of {pictures:,} are above half of the maximum; some by chance.",
                        many=many,
                        pictures=self.found.pictures,
                    )
                )
        except ExplorerError as error:
            self.view.set_bars(())
            self.view.set_note(str(error))
            return
        found = self.found
        if found is not None and any(entry.cell is None for entry in found.entries):
            self._locate.ask(self._cells_asked(found))

    def _cells_asked(self, found: ChannelTop) -> LocateCells:
        assert self._facts is not None  # a list is of an index
        return LocateCells(self._facts.path, self._facts.settings.model, found)

    def _take_cells(self, found: ChannelTop, done: bool) -> None:
        if done and self.found is not None and self._locate.request is not None:
            self._located.put(self._locate.request, found)
            self.found = found
            self._draw()

    def _take_picture(self, picture: ExamplePicture) -> None:
        if self.found is None or self._facts is None:
            return
        folder = self._host.indexes.folder(self._facts)
        for at, asked in enumerate(asked_of(self.found.entries, folder)):
            if asked == picture.asked:
                self.view.put_picture(at, picture)
        if picture.folder_gone:
            self.view.show_moved(tr("The data set is not at {folder} any more. Where is it now?", folder=folder))

    def _fail(self, failure: Failure) -> None:
        self.view.set_note(failure.text)

    # --- the indexes have changed ---

    def _indexes_changed(self) -> None:
        """An index was made, has grown or is gone; nothing changes under the pointer."""
        self._stale = True
        if not self.view.pointed:
            self._left()

    def _left(self) -> None:
        if self._stale:
            self._stale = False
            self._show()

    def choose_folder(self) -> None:
        """Asks where the data set lies now."""
        if self._facts is not None and ask_moved(self._host.parent_widget, self._host.indexes, self._facts):
            self.view.show_moved("")
            self.crops.forget()  # the same folder, where the files are back
            self._stale = False
            self._show()

    def _make_index(self) -> None:
        self._host.show_workspace("dataset")

    # --- hands ---

    def open(self, at: int) -> None:
        """That picture with that cell selected: one step of the history."""
        found, selection, facts = self.found, self._selection, self._facts
        if found is None or selection is None or facts is None or at >= len(found.entries):
            return
        entry = found.entries[at]
        ref = entry.picture.ref(self._host.indexes.folder(facts))
        self.view.preview.hide()
        self._host.go(input=ref, tap=selection.tap.name, channel=selection.channel, cell=entry.cell)

    def play(self, at: int) -> None:
        """What the cell of an example hears; what was heard ends."""
        picture = self.view.tiles.tiles[at].picture
        if picture is None or picture.samples is None:
            return
        if self._player is None:
            self._player = Player(self.view)
            self._player.failed.connect(self._host.say)
        peak = float(abs(picture.samples).max()) or 1.0
        self._player.play(picture.samples / max(peak, 1.0), picture.rate)

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.stop()

    # --- parameters ---

    def set_order(self, order: str) -> None:
        """ "top", "least" or "above half"."""
        self._change(replace(self.params, order=order))

    def set_label(self, label: str) -> None:
        """Pictures of a class alone, "": of all."""
        self._change(replace(self.params, label=label))

    def set_index(self, store: str) -> None:
        """Another index of the model."""
        self._change(replace(self.params, store=store))

    def _change(self, params: ExamplesParams) -> None:
        if params != self.params:
            self.set_params(params)

    def set_params(self, params: ExamplesParams) -> None:
        """Other parameters, as if chosen by hand."""
        self.params = params
        remember(self._host.settings, SPEC, params)
        self._host.note_params()
        self._show()


def _names(facts: IndexFacts) -> tuple[str, ...]:
    """What `store` calls an index: its file, and the data set of one that comes with the program."""
    return (facts.path, facts.settings.data) if facts.shipped else (facts.path,)

"""The workspace Compare: its bar, its columns, the matrix beside the first of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer.core.session.comparison import Comparison

from .part import Part, at


def _last_ticket(control: Any, key: str) -> int:
    """The ticket of the last question under a key."""
    return int(control._host.client._tasks[key]._last)


class ColumnAttention:
    """What a column shows of its attention."""

    tiles = at("_page.tiles")
    note = at("_page.note")
    blocks = at("_page.blocks")
    button = at("_page.button")
    asking = at("_drawn.asking")
    through = at("_drawn.through")
    head = at("_drawn.head")
    of = at("_drawn.asking.of")  # the model and picture of what was asked last

    _page = at("_column.panel.attention")

    def __init__(self, column: Column) -> None:
        self._column = column

    @property
    def _drawn(self) -> Any:
        return self._column.control.attention.columns[self._column.key]

    def look_ticket(self, key: str) -> int:
        """The ticket of the last look that was asked for under this key."""
        return _last_ticket(self._column.control, key)

    def flow_ticket(self, key: str) -> int:
        """The ticket of the flow that is asked for under this key."""
        return _last_ticket(self._column.control, key)


class ColumnFeatures:
    """What a column shows of components and similarity."""

    places = at("_panel.places")
    note = at("_panel.note")
    first = at("_panel.first")
    sheet = at("_drawn.sheet")
    similarity = at("_drawn.similarity")
    mutual = at("_drawn.mutual")

    _panel = at("_column.panel.features")

    def __init__(self, column: Column) -> None:
        self._column = column

    @property
    def _drawn(self) -> Any:
        return self._column.control.features.columns[self._column.key]


class Column:
    """A column: what it holds, what it shows, and its buttons. Two of one key are the same."""

    key = at("_view.key")
    letter = at("_view.letter")
    card = at("_view.card")
    of = at("_view.of")  # the model of the capture
    picture = at("_view.picture")
    capture = at("_view.capture")
    fits = at("_view.fits")
    shown = at("_view.shown")
    plain = at("_view.pane.plain")
    status = at("_view.status")
    layers = at("_view.film")
    index = at("_view.layers.index")
    routes = at("_view.routes")

    panel = at("_view.panel")
    model = at("panel.model")
    input = at("panel.input")
    lock = at("panel.lock")
    freeze = at("panel.freeze")
    minus = at("panel.minus_button")
    swap = at("panel.swap")
    copy = at("panel.copy")
    remove = at("panel.remove")
    view = at("panel.view")
    mode = at("panel.mode")
    title = at("panel.title")
    subtitle = at("panel.subtitle")
    edits = at("panel.edits")
    note = at("panel.note")
    image = at("panel.picture")
    numbers = at("panel.numbers")
    channel = at("panel.channel")
    mosaic = at("panel.mosaic")
    vector = at("panel.vector")
    sequence = at("panel.sequence")
    strip = at("panel.strip")
    centre = at("panel.centre")

    def __init__(self, control: Any, key: int) -> None:
        self.control, self._view = control, control.views[key]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Column) and self._view is other._view

    def __hash__(self) -> int:
        return hash(self._view)

    @property
    def attention(self) -> ColumnAttention:
        return ColumnAttention(self)

    @property
    def features(self) -> ColumnFeatures:
        return ColumnFeatures(self)


class Matched(Part):
    """The matched channels beneath the matrix."""

    _part = at("_controller.compare.pairs.parts")

    @property
    def view(self) -> Any:
        return self._part["match"].view

    start = at("view.start")
    progress = at("view.progress")
    status = at("view.status")
    of = at("view.page.of")
    among = at("view.page.among")
    best = at("view.page.best")
    assigned = at("view.page.assigned")
    order = at("view.page.order")


class Alike(Part):
    """The matrix of CKA, and the similar channels beneath it."""

    _pairs = at("_controller.compare.pairs")
    panel = at("_pairs.panel")
    over = at("_pairs.inputs")
    waiting = at("_pairs.waiting")
    known = at("_pairs.known")
    choose = at("_pairs.choose")
    set_other = at("_pairs.set_other")
    need = at("_pairs.need")

    def pair(self, name: str) -> Any:
        """What is behind a method over two models."""
        return self._pairs.parts[name]

    @property
    def _part(self) -> Any:
        return self._pairs.parts["cka"]

    @property
    def kept(self) -> Any:
        return self._pairs.kept("cka")

    view = at("_part.view")
    params = at("_part.params")
    current = at("view.page.current")
    matrix = at("view.page.matrix")
    value = at("view.page.value")
    row = at("view.page.row")
    column = at("view.page.column")
    start = at("view.start")
    help = at("view.help")
    progress = at("view.progress")
    status = at("view.status")
    form = at("view.form")
    other = at("panel.other")
    figures = at("panel.figures")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.partners = Matched(app)

    @property
    def inputs(self) -> Any:
        return self.panel.inputs.editors["inputs"].widget

    def keep(self, found: Any) -> None:
        """A matrix of the two models that are compared, as if the engine had stopped there."""
        self._part.results.keep(self._part.spec.pair_request(*self._part.sides, self.params), found)
        self._pairs.columns_changed()
        self._pairs.follow()


class Compare(Part):
    """The workspace. `doc` is its document, `columns` what stands in it from left to right."""

    _control = at("_controller.compare")
    doc = at("_control.doc")
    saved = at("_control.saved")
    busy = at("_control.busy")
    start = at("_control.start")
    change = at("_control.change")
    show = at("_control.show")
    step = at("_control.step")
    select = at("_control.select")
    point = at("_control.point")
    keep = at("_control.keep")
    set_link = at("_control.link")
    set_scale = at("_control.scale")
    view_all = at("_control.view_all")
    lock = at("_control.lock")
    swap = at("_control.swap")
    duplicate = at("_control.duplicate")
    remove = at("_control.remove")
    undo = at("_controller.state.back")
    redo = at("_controller.state.forward")
    set_model = at("_control.set_model")
    set_input = at("_control.set_input")
    set_preprocess = at("_control.set_preprocess")
    set_edits = at("_control.set_edits")
    edits_in_explore = at("_control.edits_in_explore")
    can_undo = at("_controller.history.can_back")
    choose_head = at("_control.attention.chosen")
    attention_busy = at("_control.attention.busy")
    follow_features = at("_control.features.follow")

    bar = at("_window.compare")
    link = at("bar.link")
    scale = at("bar.scale")
    view = at("bar.view")
    foreground = at("bar.foreground")
    share = at("bar.share")
    add = at("bar.add")
    fold = at("bar.fold")
    live = at("bar.live")
    cursor = at("bar.where")
    pointed = at("_control.board.cursor")  # shares of the picture

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.alike = Alike(app)

    def scrub(self, key: int, index: int) -> None:
        """To another layer; what stands around the layers, which follows a moment later, follows at once."""
        self._control.scrub(key, index)
        self._control.board.details()

    def pair(self, name: str) -> Any:
        """A method over two models."""
        return self._control.pairs.parts[name]

    @property
    def columns(self) -> list[Column]:
        return [Column(self._control, column.key) for column in self.doc.columns]

    @property
    def keys(self) -> set[int]:
        """Of the columns that there are, whatever the document says."""
        return set(self._control.views)

    @property
    def attending(self) -> set[int]:
        """Keys of the columns whose attention is kept."""
        return set(self._control.attention.columns)

    @property
    def taps(self) -> list[str]:
        """The layers of the columns."""
        return [column.tap for column in self.doc.columns]

    def restore(self, doc: Comparison) -> None:
        """As a session file that has this document does."""
        self._controller.restore(replace(self._controller.session, comparison=doc))

    def around_frames(self, see: Callable[[Any, Callable[[Any], None]], None]) -> None:
        """From now on `see(frame, draw)` is called for a live frame, in the place of drawing it."""
        draw = self._control.show_frame
        self._control.show_frame = lambda frame: see(frame, draw)

"""The pages of the methods, with their widgets by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.session.history import History

from .part import Part, at

if TYPE_CHECKING:
    from explorer.core.activations import Capture
    from explorer.core.interventions import Edits


class Page(Part):
    """What all pages have. `waiting`: an answer is still to come."""

    name = ""
    waiting = at("_control.waiting")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._control = app.controller.pages.page(self.name)
        self._tab: Any = getattr(self._control, "view", None) or self._control.tab

    def open(self) -> None:
        self._window.explore.channel.set_page(self.name)


class Arithmetic(Page):
    name = "arithmetic"
    found = at("_tab.found")
    message = at("_tab.message")
    body = at("_tab.body")
    headline = at("_tab.headline")
    back = at("_tab.back")
    play = at("_tab.play")
    ahead = at("_tab.ahead")
    choice = at("_tab.choice")
    channel = at("_tab.channel")
    position = at("_tab.position")
    patch = at("_tab.patch")
    window_view = at("_tab.window_view")
    before = at("_tab.before")
    table = at("_tab.table")
    steps = at("_tab.steps")
    sees = at("_tab.sees")
    field = at("_tab.field")
    step = at("_control.step")
    key = at("_control._task.key")

    def hurry(self) -> None:
        """The window slides from cell to cell without a pause."""
        self._control._timer.setInterval(1)


class MethodPage(Page):
    """What the page of a method of the catalogue has: its parameters, its run button, what is said, its result.

    `key` is that of its requests to the engine."""

    found = at("_control.result")
    params = at("_control.view.params")
    set_params = at("_control.set_params")
    toggle = at("_control.toggle")
    key = at("_control._task.key")
    message = at("_tab.message")
    start = at("_tab.start")
    progress = at("_tab.progress")
    status = at("_tab.status")
    results = at("_tab.results")
    exports = at("_tab.exports")

    def editor(self, parameter: str) -> Any:
        """The widget of a parameter."""
        return self._tab.form.editors[parameter].widget

    def refused(self, parameter: str) -> dict[str, str]:
        """The choices of a parameter that cannot be had, with the reason."""
        box = self.editor(parameter)
        items = [(box.itemData(at), box.model().item(at)) for at in range(box.count())]
        return {name: item.toolTip() for name, item in items if not item.isEnabled()}

    def take(self, found: Any) -> None:
        """A result of what is selected, as if the engine had stopped there."""
        self._control._results.put(self._control.request, found)
        self._control._say_state()


class Attribution(MethodPage):
    name = "attribution"
    run = at("_tab.start")
    notes = at("_tab.status")
    start = at("_control.toggle")
    numbers = at("_tab.result.numbers")
    signed = at("_tab.result.signed")
    percentile = at("_tab.result.percentile")
    strength = at("_tab.result.strength")
    twin = at("_tab.result.twin")
    twin_words = at("_tab.result.twin_words")
    plot = at("_tab.result.plot")

    @property
    def method(self) -> Any:
        return self.editor("method")

    @property
    def target(self) -> Any:
        return self.editor("target")

    @property
    def check(self) -> Any:
        return self._tab.further[0]

    def choose(self, method: str) -> bool:
        """Selects a method; False where it cannot be had."""
        return bool(self._tab.form.choose("method", method))

    def start_check(self) -> None:
        self._control.ask_further(0)


class Ablation(Page):
    name = "ablation"
    edits = at("_control.interventions.edits")
    plain = at("_control.interventions.plain")
    frozen = at("_control.interventions.frozen")
    region = at("_control._region")
    edit = at("_control.edit")
    start_ranking = at("_control.rank")
    subject = at("_tab.subject")
    result = at("_tab.result")
    zero = at("_tab.zero")
    mean = at("_tab.mean")
    freeze = at("_tab.freeze")
    silence = at("_tab.silence")
    remove = at("_tab.remove")
    undo = at("_tab.undo")
    clear_all = at("_tab.clear_all")
    list = at("_tab.list")
    rank = at("_tab.rank")
    rank_note = at("_tab.rank_note")
    ranking = at("_tab.ranking")
    ranked = at("_tab._channels")
    playing = at("_tab.playing")

    def put(self, edits: Edits) -> None:
        """These edits in the place of all others."""
        self._control.interventions.set_edits(edits)

    def keep(self, capture: Capture, tap: str) -> str:
        """Keeps the values of a layer for edits that freeze it; the name of what is kept."""
        return str(self._control.interventions._kept[capture.model].keep(capture, tap))

    def forget_history(self) -> None:
        """No step can be undone any more."""
        store = self._controller.state
        store.history = History(store.session)

    def set_plain(self, capture: Capture) -> None:
        """The capture without edits, as if the budget had left this much of it."""
        self._control.interventions.plain = capture


class Maximise(Page):
    name = "maximise"
    found = at("_control.found")
    latest = at("_control._latest")
    running = at("_control._running")
    natural = at("_control._natural")
    batch = at("_control.layer.running")
    batch_progress = at("_control.layer._progress")
    toggle = at("_control.toggle")
    pause = at("_control.pause")
    toggle_batch = at("_control.layer.toggle")
    pause_batch = at("_control.layer.pause")
    phase = at("_tab.phase")
    status = at("_tab.status")
    notes = at("_tab.notes")
    message = at("_tab.message")
    target = at("_tab.target")
    negative = at("_tab.negative")
    channels = at("_tab.channels")
    choices = at("_tab.choices")
    view = at("_tab.view")
    plot = at("_tab.plot")
    numbers = at("_tab.numbers")
    run = at("_tab.run")
    cancel = at("_tab.cancel")
    elsewhere = at("_tab.elsewhere")
    hold = at("_tab.hold")
    copy = at("_tab.copy")
    save = at("_tab.save")
    use = at("_tab.use")
    compare = at("_tab.compare")
    layer = at("_tab.layer")

    forgetting = at("_control.forgetting")

    @property
    def now(self) -> float | None:
        """The activation of the target on the input that is shown."""
        value: float | None = self._control._now(self._control._asked)
        return value


class Health(MethodPage):
    name = "health"
    summary = at("_tab.result.summary")
    table = at("_tab.result.table")
    sort = at("_tab.result.sort")
    histogram = at("_tab.result.histogram")
    out = at("_tab.result.out")


class Attention(Page):
    name = "attention"
    attending = at("_control.attending")
    call = at("_control.call")
    looked = at("_control.looked")
    block = at("_control.block")
    head = at("_control.head")
    choose = at("_control.choose")
    choose_head = at("_control.choose_head")
    drawing = at("_control.drawing")
    message = at("_tab.message")
    body = at("_tab.body")
    modes = at("_tab.modes")
    mode = at("_tab.mode")
    set_mode = at("_tab.set_mode")
    where = at("_tab.where")
    headline = at("_tab.headline")
    direction = at("_tab.direction")
    overlay = at("_tab.overlay")
    mass = at("_tab.mass")
    fusion = at("_tab.fusion")
    first_block = at("_tab.start")
    run_row = at("_tab.run_row")
    start = at("_tab.start_button")
    tiles = at("_tab.tiles")
    lines = at("_tab.lines")
    matrix = at("_tab.matrix")
    whose = at("_tab.whose")
    to_matrix = at("_tab.to_matrix")
    ablate = at("_tab.ablate")
    between = at("_control.between")
    chips = at("_tab.chips")
    numbers = at("_tab.numbers")
    table = at("_tab.table")
    blocks = at("_tab.blocks")
    note = at("_tab.note")
    kind = at("_tab.kind")

    @property
    def asking(self) -> Any:
        """The token that asks: the one that is pointed at, else the chosen one."""
        return self._control.query


class Examples(Page):
    name = "examples"
    found = at("_control.found")
    set_order = at("_control.set_order")
    set_label = at("_control.set_label")
    none_words = at("_tab.none_words")
    status = at("_tab.status")
    note = at("_tab.note")
    bars = at("_tab.bars")
    preview = at("_tab.preview")
    tiles = at("_tab.tiles.tiles")
    grid = at("_tab.tiles")
    forget = at("_control.crops.forget")


PAGES: dict[str, type[Page]] = {
    page.name: page for page in (Arithmetic, Attribution, Ablation, Maximise, Health, Attention, Examples)
}


def method_page(app: Any, name: str) -> MethodPage:
    """The page of any method with the common presenter."""
    made: MethodPage = type("Any" + MethodPage.__name__, (MethodPage,), {"name": name})(app)
    return made

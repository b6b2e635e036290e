"""The only way by which tests act on the real window. A rebuilt window changes this folder and no test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, Qt, QTimer

from .compare import Column, Compare
from .explore import Explore
from .lesson import Lesson
from .pages import PAGES, Page, method_page
from .part import Part, at

if TYPE_CHECKING:
    from explorer.core.errors import Failure
    from explorer.core.models import ModelSpec

__all__ = ["Column", "Driver", "Page", "windows"]

WAIT_S = 60.0  # until a test gives up
_NONE = Qt.KeyboardModifier.NoModifier


class Live(Part):
    """An input that moves."""

    _live = at("_controller.live")
    playing = at("_live.playing")
    frames = at("_live.frames")
    stop = at("_live.stop")
    play = at("_controller.play_input")
    play_camera = at("_controller.play_camera")
    play_microphone = at("_controller.play_microphone")
    toggle = at("_controller.toggle_live")
    step = at("_controller.step_frame")
    seek = at("_controller.seek")

    def unpaced(self) -> None:
        """Every frame, as fast as the model takes them."""
        self._live.paced = False

    def plug(self, camera: Any) -> None:
        """A camera with signals `frame` and `failed` in the place of the computer's own."""
        camera.frame.connect(self._live._pushed)
        camera.failed.connect(self._live._lost)
        self._live._camera = camera


class History(Part):
    """The way back and forward."""

    can_back = at("_controller.history.can_back")
    can_forward = at("_controller.history.can_forward")
    back = at("_controller.state.back")
    forward = at("_controller.state.forward")


class Banner(Part):
    """What is said over the maps: its `kind` ("error", "progress", ...), its text, its buttons."""

    _banner = at("_window.banner")
    kind = at("_banner.kind")
    cancel = at("_banner.cancel")
    copy = at("_banner.copy")
    folder = at("_banner.folder")
    whole = at("_banner.whole")

    @property
    def text(self) -> str:
        return str(self._banner.message.text())


class Toolbar(Part):
    """The buttons at the top and their menus."""

    _bar = at("_window.toolbar")
    workspaces = at("_bar.workspaces")
    back = at("_bar.back_button")
    forward = at("_bar.forward_button")
    model = at("_bar.model")
    model_menu = at("_bar.model_menu")
    input = at("_bar.input")
    input_menu = at("_bar.input_menu")
    live = at("_bar.live")
    live_menu = at("_bar.live_menu")
    keys = at("_bar.keys_button")


class Guide(Part):
    """Tours and walkthroughs, what a page shows, the glossary, the line of the first start."""

    _guidance = at("_commands.guidance")
    begin = at("_guidance.begin")
    offer = at("_guidance.offer")
    offer_line = at("_guidance.offer_line")
    glossary = at("_guidance.glossary")
    page_help = at("_guidance.page_help")
    define = at("_guidance.define")
    card = at("_guidance.runs.card")
    highlight = at("_guidance.runs.highlight")
    now = at("_guidance.runs.guide")
    step = at("_guidance.runs.step")
    facts = at("_guidance.runs.facts")
    showing = at("_guidance.runs.showing")
    begun = at("_guidance.runs.begun")
    look = at("_guidance.runs.look")
    close = at("_guidance.runs.close")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._commands = app.commands

    def can_point(self, name: str) -> bool:
        """Whether something in the window is called so."""
        from explorer.ui.guide.spots import known

        return known(self._window, name)

    def spot(self, *names: str) -> Any:
        """Where the first of these stands that can be seen."""
        from explorer.ui.guide.spots import spot

        return spot(self._window, names)


class Driver(Part):
    """The window of an `Application`, by what a person sees and does. `failures`: all that has been said to go wrong.

    Of the engine behind it `desk` is there, of the application its `commands` and `settings`."""

    qt = at("application.qt")
    desk = at("application.desk")
    bridge = at("application.bridge")
    commands = at("application.commands")
    settings = at("application.settings")
    start = at("application.start")

    session = at("_controller.session")
    card = at("_controller.card")
    picture = at("_controller.picture")
    capture = at("_controller.view.capture")
    shown = at("_controller.view.shown")
    engine = at("_controller.engine")
    captured = at("_controller.captured")
    failed = at("_controller.failed")
    saved = at("_controller.saved")
    broken = at("_controller.broken")
    ready = at("_controller.ready")

    step = at("_controller.step")
    open_model = at("_controller.open_model")
    open_input = at("_controller.open_input")
    open_pixels = at("_controller.open_pixels")
    windows = at("_controller.windows")
    open_files = at("commands.open_paths")
    open_session = at("commands.open_session")
    session_files = at("commands.sessions")
    title = at("_window.windowTitle")
    trust = at("_controller.trust")
    cancel = at("_controller.cancel")
    fail = at("_controller.fail")
    say = at("_controller.say")
    receive = at("_controller.receive")
    save_values = at("_controller.save_values")
    whole_session = at("_controller.whole_session")
    restore = at("_controller.restore")
    workspace = at("_window.workspace")
    show_workspace = at("_controller.show_workspace")
    pages = at("_controller.pages")
    orders = at("_controller.orders")
    methods_busy = at("_controller.pages.waiting")
    follow_methods = at("_controller.pages.follow")

    main_window = at("_window")
    keys = at("_window.keys")
    palette = at("_window.commands")
    focused = at("_window.focusWidget")
    find = at("_window.findChildren")
    grab = at("_window.grab")
    close = at("_window.close")
    drop = at("_window.dropped.emit")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.application = app
        self.explore, self.compare = Explore(app), Compare(app)
        self.guide, self.lesson = Guide(app), Lesson(app)
        self.live, self.history, self.banner, self.toolbar = Live(app), History(app), Banner(app), Toolbar(app)
        self._pages: dict[str, Page] = {}  # those that were asked for: a page is made when it is first needed
        # questions that stop everything until they are answered: a test that is about one puts it back
        app.window.may_close = lambda: True
        app.commands.sessions.ask_missing = lambda _name, _missing: {}
        self.failures: list[Failure] = []
        self.failed.connect(self.failures.append)

    @property
    def menu_bar(self) -> Any:
        return self._window.menuBar()

    @property
    def worker(self) -> Any:
        """The thread of the engine."""
        return self.desk.runner._thread

    @property
    def loaded(self) -> Any:
        """The model that was opened first of those that are open, as the engine has it."""
        return next(iter(self.desk.bench._models.values()))

    # --- acting

    def change(self, **fields: Any) -> None:
        """Another session; the details of the channel, which follow a moment later, follow at once."""
        self._controller.change(**fields)
        self._controller.view.details()

    def page(self, name: str) -> Any:
        """The page of a method, whether it is open or not; also of one that a package brings."""
        if name in PAGES and name not in self._pages:
            self._pages[name] = PAGES[name](self.application)
        return self._pages.get(name) or method_page(self.application, name)

    def view(self, workspace: str) -> Any:
        """A workspace that a package brings."""
        return self._controller.views[workspace]

    def open_page(self, name: str) -> Any:
        """Turns to the page of a method, or to "values"; the page."""
        self._window.explore.channel.set_page(name)
        return self.page(name) if name in self.pages.names else None

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NONE) -> None:
        """A key that goes to the window, whatever has the focus."""
        from PySide6.QtTest import QTest  # late: the processes that measure a start do not need it

        QTest.keyClick(self._window, key, modifier)

    def turn_to(self, workspace: str) -> None:
        """Clicks the button of a workspace."""
        self.toolbar.workspaces[workspace].click()

    def models_asked(self) -> list[ModelSpec]:
        """Grows by every model that Explore asks the engine for from now on."""
        asked: list[ModelSpec] = []
        opener = self._controller.opener
        ask = opener.open_model

        def open_model(spec: ModelSpec, *more: Any, **named: Any) -> Any:
            asked.append(spec)
            return ask(spec, *more, **named)

        opener.open_model = open_model
        return asked

    # --- waiting

    @property
    def at_rest(self) -> bool:
        """Whether the worker has nothing to do and every answer has been drawn."""
        c = self._controller
        if self.session_files.waiting:
            return False
        shown = c.opener.waiting or c.view.busy or c.compare.busy or c.features.busy
        shown = shown or any(view.waiting for view in c.views.there.values())
        return not (
            self.desk.runner.busy or shown or c.pages.waiting or c.store.waiting or c.orders.waiting or c.folder.waiting
        )

    def until(self, ready: Callable[[], Any], seconds: float = WAIT_S) -> None:
        """Runs the event loop until `ready()`; an AssertionError after so many seconds."""
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, f"waited for {seconds:.0f} s"
            loop = QEventLoop()
            QTimer.singleShot(10, loop.quit)
            loop.exec()

    def wait_capture(self) -> None:
        """Until the first picture has gone through the model."""
        self.until(lambda: self.capture is not None)

    def rest(self) -> None:
        """Until the worker has nothing to do and every answer has been drawn."""
        while True:
            self.until(lambda: self.at_rest)
            self.qt.processEvents()  # an answer that was on its way may have asked for more
            if self.at_rest:
                return

    def failure(self, act: Callable[[], object]) -> Failure:
        """What is said after `act`; it must be said, and stay."""
        before = len(self.failures)
        act()
        self.until(lambda: len(self.failures) > before)
        assert self.banner.kind == "error"
        return self.failures[before]


@contextmanager
def windows() -> Iterator[Callable[..., Driver]]:
    """Opens windows of a size with the application's own arguments, and closes them whatever happens. `trust_code`: the Python
    files that a test has written run unasked, all of them; the application itself trusts only what is named to it (`named_only`)."""
    from explorer.app import Application

    made: list[Any] = []

    def opened(
        trust_code: bool = True, size: tuple[int, int] = (1280, 800), named_only: bool = False, **more: Any
    ) -> Driver:
        app = Application(trust_code=trust_code, **more)
        if trust_code and not named_only:
            app.controller.trusts = lambda spec: True  # type: ignore[method-assign]
        made.append(app)
        app.window.resize(*size)
        app.window.show()
        return Driver(app)

    try:
        yield opened
    finally:
        for app in made:
            app.window.close()
            app.window.deleteLater()

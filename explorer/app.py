"""Composes the window. The window comes first; torch is imported by the worker once it is on the screen."""

from __future__ import annotations

import argparse
import faulthandler
import gc
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from explorer.core import crash_log
from explorer.core.errors import ExplorerError, Failure
from explorer.core.input_sizes import size_from
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.other_inputs import argument_from
from explorer.core.session.last_session import Last
from explorer.core.system import paths
from explorer.core.translation import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from explorer.core.session.session import Session
    from explorer.ui.action_setup import Commands
    from explorer.ui.controller import Controller
    from explorer.ui.settings import Settings
    from explorer.ui.window import Window

CRASH = "Crash"  # the kind of the failure that tells of the last window's end

log = logging.getLogger("explorer")
_LAST_RESORT_S = 75.0  # more than a file that is being saved is given
_records: list[TextIO] = []  # of this window, open as long as it is


class Application:
    """One window with everything behind it. `close` must be called; it stops the worker. With `settings` that do
    not last nothing of the person's is read, and the next start knows nothing of this window. `trust_code`: the Python file
    of the model that `start` is given may run unasked; no other may. `at_once`: the window is shown before what stands in it is made."""

    def __init__(
        self,
        theme_name: str = "",
        trust_code: bool = False,
        device: str = "",
        settings: Settings | None = None,
        at_once: bool = False,
    ) -> None:
        self.qt = _qt()
        from explorer.ui import theme
        from explorer.ui.remembered_look import THEME, remembered_percent
        from explorer.ui.settings import Settings
        from explorer.ui.window import Window

        self.settings: Settings = settings if settings is not None else Settings()
        name = theme_name or self.settings.text(THEME, theme.DARK.name)
        self.qt.setStyleSheet("")
        theme.choose(self.qt, theme.THEMES.get(name, theme.DARK), remembered_percent(self.settings))
        self.window: Window = Window(self._show if at_once else None)
        from explorer.engine.desk import Desk
        from explorer.ui.action_setup import Commands
        from explorer.ui.controller import Controller
        from explorer.ui.jobs.bridge import Bridge
        from explorer.ui.keeper import Keeper

        if at_once:
            from explorer.engine.jobs.torch_libraries import load_ahead

            load_ahead()  # what the window is made of has been loaded: nothing waits for the same lock
        self.bridge = Bridge(self.window)
        stored = self.settings
        self.desk = Desk(
            self.bridge.post, device or stored.text("device"), stored.number("threads"), stored.number("budget")
        )
        self.controller: Controller = Controller(self.window, self.desk, self.bridge, stored)
        self.commands: Commands = Commands(self.controller)
        theme.dress(self.qt)
        self._trust_code = trust_code
        self.window.closing.connect(self.close)
        self._closed = False
        self._last = Last(paths.config_dir())
        self._keeper = Keeper(self.controller, self._last) if self.settings.lasting else None

    def _show(self, window: Window) -> None:
        """On the screen, empty, before anything heavy begins."""
        if not window.restoreGeometry(self.settings.geometry("geometry")):
            window.resize(1280, 800)
        window.show()
        self.qt.processEvents()

    def start(self, model: ModelSpec | None, given: InputRef | None) -> None:
        """Opens what was named, else what was open last, else what is found; waits for nothing."""
        from explorer.engine.models import start_input

        self.controller.view.pane.show_message("", "", tr("Loading torch …"))
        if self._trust_code and model is not None:
            self.controller.trust(model)
        put = self._put_aside()
        if model is None and given is None and self._open_last(put):
            return
        self.keep()
        self.controller.open_input(given or start_input(model))
        if put is not None:
            what = tr("The last session was not opened: the application closed while opening it.")
            self.controller.fail(
                Failure(what, tr("It is stored in {put}.", put=put), tr("Open that file to try it again."))
            )
        if model is not None:
            self.commands.open_model(model)
        else:
            self.controller.open_start()

    def _put_aside(self) -> Path | None:
        """Where the last session was put that ended the window while it was being opened; None for no such."""
        if self._keeper is None:
            return None
        self._last.tidy()
        return self._last.aside()

    def _open_last(self, put: Path | None) -> bool:
        """Opens what was open last, unless it was put aside or asks for consent."""
        if self._keeper is None or put is not None:
            return False
        session = _session_of(self._last.read() or self.settings.text("session"))
        if session is None or session.model is None or not self.commands.agreed_already(session.model):
            return False
        try:
            self._last.begin()
            self.controller.captured.connect(self._last_opened)
            self.controller.failed.connect(lambda told: None if told.type == CRASH else self._last_opened())
        except OSError:
            pass  # a folder that cannot be written to
        self.keep()
        self.controller.restore(session, compute=False)
        self.commands.sessions.document.resume()
        return True

    def _last_opened(self) -> None:
        try:
            self._last.opened()
        except OSError:
            pass

    def keep(self) -> None:
        """From now on the session is kept on disk, unless the settings do not last."""
        if self._keeper is not None:
            self._keeper.start()

    def close(self) -> None:
        """Remembers the session and stops the worker, in whatever it is doing."""
        if self._closed:
            return
        self._closed = True
        self._remember()
        if _records:  # a library may hold Python for ever: then nothing here goes on, and a timer of C ends it
            faulthandler.dump_traceback_later(_LAST_RESORT_S, exit=True, file=_records[-1])
        self.bridge.close()
        self.controller.close()
        ended = self.desk.close()
        faulthandler.cancel_dump_traceback_later()
        if not ended:
            # its thread stands in a library, which breaks when Python is taken away from it: no part of Python ends in order
            log.error("the worker did not end; leaving")
            end_logging()
            os._exit(0)

    def end(self) -> None:
        """Closes the window, whatever dialog stands over it, and ends the event loop."""
        self.window.may_close = lambda: True
        self.window.close()
        self.qt.quit()

    def _remember(self) -> None:
        self._last_opened()  # closed as it should be
        if self._keeper is not None:
            self._keeper.close()
        self.settings.put("geometry", self.window.saveGeometry())
        self.settings.sync()


def _session_of(text: str) -> Session | None:
    from explorer.core.session.session import from_json

    try:
        return from_json(text) if text else None
    except ExplorerError:
        return None


def _qt() -> QApplication:
    from explorer.core.system.msvc import preload_newest

    preload_newest()  # before the first import of Qt
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from explorer.ui import pyside_modules, qt_language

    pyside_modules.search_bytes()
    QLocale.setDefault(QLocale.c())  # one way to write numbers, in fields as beside pictures
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    qt_language.apply(app)
    app.setApplicationName("feature-map-explorer")
    app.setApplicationDisplayName("Feature Map Explorer")
    return app


def run(args: argparse.Namespace) -> int:
    """The window until it is closed; returns the exit code."""
    if not has_display():
        sys.stderr.write(
            tr(
                "There is no display to open a window on. Run it in a desktop session, over ssh -X, or under xvfb-run; "
                "the commands layers, predict, maps and screenshot work without one.\n"
            )
        )
        return 1
    try:
        more: dict[str, Any] = {
            "output": args.output,
            "probabilities": args.probabilities,
            "size": size_from(args.size),
        }
        more["arguments"] = tuple(argument_from(text) for text in args.argument)
        model = ModelSpec(args.model, args.weights, args.untrained, args.seed, **more) if args.model else None
        given = _input(args.input) if args.input else None
    except ExplorerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    left = set_up_logging()
    gc.disable()  # of what is made for the window nothing is left over
    app = Application(trust_code=args.trust_code, at_once=True)
    install_hooks(app)
    app.qt.processEvents()  # painted before torch is imported
    gc.enable()
    app.desk.runner.begin()
    from explorer.ui.ending import Ending
    from explorer.ui.incoming import SESSION_SUFFIXES

    session = args.session or next((file for file in args.files if file.lower().endswith(SESSION_SUFFIXES)), "")
    ending = Ending(app.end)
    if session:
        app.keep()
        app.commands.open_session(Path(session))
    else:
        app.start(model, given)
        app.commands.open_paths([str(Path(file).absolute()) for file in args.files])
    if left is not None:
        tell_crash(app, left)
    app.commands.guidance.offer()
    code = app.qt.exec()
    ending.stop()
    app.close()
    remove_hooks()
    end_logging()
    return code


def _input(name: str) -> InputRef:
    from explorer.engine.inputs import named_input  # numpy, which the window does without until it is on the screen

    return named_input(name)


def has_display() -> bool:
    """Whether a window can be opened."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def set_up_logging() -> crash_log.Crash | None:
    """A log file in the cache folder; native crashes are written beside it. The terminal stays silent.

    Returns what the last window has left where it was closed unexpectedly.
    """
    folder = paths.cache_dir()
    file, left = folder / "log.txt", None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        left = crash_log.take(folder, file)
        logging.basicConfig(filename=file, filemode="w", encoding="utf-8", level=logging.INFO, force=True)
        logging.captureWarnings(True)
        _records.append(crash_log.begin(folder))
        faulthandler.enable(_records[-1])
    except OSError:
        logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    return left


def end_logging() -> None:
    """The window was closed as it should be: the next start has nothing to tell."""
    faulthandler.disable()
    while _records:
        crash_log.end(_records.pop())
    logging.shutdown()


def tell_crash(app: Application, left: crash_log.Crash) -> None:
    """Says in the window that the last one was closed unexpectedly, with what is known, to be copied."""
    broke = tr("A library failed.") if left.trace else tr("It was ended from outside, or ran out of memory or power.")
    what = tr("The application was closed unexpectedly the last time.")
    app.controller.fail(Failure(what, broke, "", left.text, CRASH))
    app.window.banner.offer_folder(paths.cache_dir())
    app.window.place_banner()  # the button takes room from the words


def install_hooks(app: Application) -> None:
    """An error in a slot or a thread is logged and shown; the application lives on."""
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    from explorer.engine.jobs import memory
    from explorer.engine.jobs.runner import Event, Lane, failure_of

    def show(error: BaseException) -> None:
        log.error("unhandled", exc_info=error)
        if memory.is_shortage(error):
            app.desk.recover()
        # any thread may be here: the mailbox brings it to the right one
        app.bridge.post(Event(0, Lane.LOAD, "error", failure=failure_of(error)))

    sys.excepthook = lambda _kind, error, _trace: show(error)
    threading.excepthook = lambda args: show(args.exc_value) if args.exc_value is not None else None

    def message(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        log.warning("Qt: %s", text)

    qInstallMessageHandler(message)


def remove_hooks() -> None:
    """Qt may say something at its very end, when there is no Python any more to hear it."""
    from PySide6.QtCore import qInstallMessageHandler

    qInstallMessageHandler(None)

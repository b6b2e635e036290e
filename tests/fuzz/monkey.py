"""A seeded monkey in the real window, without a screen: keys, clicks, menus, files, columns, live input, in any order.

It finds: exceptions in slots and threads, warnings of Qt, errors of the program that the window says, entries of menus that
are something else, wrappers that may outlive what they stand for, a window that does not come to rest, a crash.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

_STEP = 60.0  # seconds that one act may take
_REST = 400  # acts until the window must come to rest
_OF_NO_SCREEN = "This plugin does not support "
_BUDGET = 200 << 20  # bytes of captures


class Findings:
    """Each once, with the acts before it."""

    def __init__(self) -> None:
        self.acts: deque[str] = deque(maxlen=8)
        self.every: dict[str, str] = {}

    def act(self, *words: object) -> None:
        self.acts.append(" ".join(str(word) for word in words)[:160])

    def add(self, kind: str, text: str) -> None:
        lines = [line for line in text.strip().splitlines() if line.strip()]
        key = f"{kind}: {lines[-1][:160] if lines else ''}" + (
            f" @ {lines[-3].strip()[:120]}" if len(lines) > 3 else ""
        )
        if key not in self.every:
            self.every[key] = text
            print(f"FOUND {key}\n{text[-3000:]}\n  after: {' | '.join(self.acts)}", flush=True)

    def error(self, kind: str, error: BaseException | None) -> None:
        self.add(kind, "".join(traceback.format_exception(error)))


def main(argv: list[str]) -> int:
    """Ends with 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz monkey", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    faulthandler.enable(sys.__stderr__)
    with tempfile.TemporaryDirectory(prefix="fme-monkey-", ignore_cleanup_errors=True) as folder:
        return run(Path(folder), given.minutes, given.seed)


def run(folder: Path, minutes: float, seed: int) -> int:
    """A window of its own, with files in `folder`; 1 where anything was found."""
    from PySide6.QtCore import QTimer, qInstallMessageHandler

    from tests.fuzz.in_monkey_acts import Acts
    from tests.fuzz.in_monkey_files import make_files

    found, files = Findings(), make_files(folder)
    _no_network(found)
    _no_native_dialogs(random.Random(seed), [path for group in files.values() for path in group], folder)
    app = open_window(found, [Path(path) for path in files["python"]])
    acts = Acts(app, files, seed, found.act)
    done = 0
    answers = QTimer()
    answers.setInterval(50)
    answers.timeout.connect(lambda: _guarded(found, "answer", acts.answer))
    answers.start()
    settle(app, found)
    began = time.monotonic()
    while time.monotonic() - began < minutes * 60:
        faulthandler.dump_traceback_later(_STEP, file=sys.__stderr__)
        _guarded(found, "act", acts.one)
        _pump(app, acts.rng.choice([0, 0, 0.01, 0.05, 0.2]))
        faulthandler.cancel_dump_traceback_later()
        done += 1
        if done % _REST == 0:
            rest(app, found)
    rest(app, found)
    answers.stop()
    _look_at_wrappers(found)
    faulthandler.cancel_dump_traceback_later()
    app.close()
    qInstallMessageHandler(None)  # it would be called when Python is no more
    minutes_run = (time.monotonic() - began) / 60
    print(f"monkey: seed {seed}, {done} acts in {minutes_run:.1f} minutes, {len(found.every)} findings", flush=True)
    return 1 if found.every else 0


def open_window(found: Findings, trusted: list[Path]) -> Any:
    from driver import Driver
    from PySide6.QtCore import qInstallMessageHandler

    from explorer.app import Application
    from explorer.core.inputs import InputRef
    from explorer.core.models import ModelSpec
    from explorer.ui.settings import Settings

    settings = Settings()
    settings.put("budget", _BUDGET)
    app = Driver(Application())
    app.trust(*(ModelSpec(f"file:{path}") for path in trusted))
    app.main_window.show()
    qInstallMessageHandler(
        lambda _kind, _where, text: None if text.startswith(_OF_NO_SCREEN) else found.add("Qt", text)
    )
    sys.excepthook = lambda _kind, error, _trace: found.error("exception", error)
    threading.excepthook = lambda args: found.error("thread", args.exc_value)
    sys.unraisablehook = lambda args: found.error(f"unraisable {args.err_msg or ''}", args.exc_value)
    app.failed.connect(lambda failure: _judge(found, failure))
    app.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    return app


def _judge(found: Findings, failure: Any) -> None:
    """What a person can act on is no finding."""
    if failure.what.startswith("Internal error of the application"):
        found.add("program", failure.details or failure.text)


def _guarded(found: Findings, kind: str, what: Callable[[], object]) -> None:
    try:
        what()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        found.error(kind, error)


def _pump(app: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    app.qt.processEvents()
    while time.monotonic() < end:
        app.qt.processEvents()
        time.sleep(0.002)


def settle(app: Any, found: Findings) -> None:
    """Until the first picture has gone through the model."""
    began = time.monotonic()
    while app.capture is None and time.monotonic() - began < 120:
        _pump(app, 0.05)
    if app.capture is None:
        found.add("start", "no capture after 120 s")


def rest(app: Any, found: Findings) -> None:
    """Without live input and film, everything comes to an end."""
    app.live.stop()
    app.explore.strip.stop()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        _pump(app, 0.05)
        if app.at_rest:
            return
    found.add("rest", f"still busy after 120 s: runner {app.desk.runner.busy}")


def _look_at_wrappers(found: Findings) -> None:
    from wrappers import at_risk

    for name, count in at_risk().items():
        found.add("wrapper", f"{count} of {name} may outlive what Qt deletes")


def _no_network(found: Findings) -> None:
    def refused(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            found.add("network", f"{address}")
            raise ConnectionRefusedError("the monkey has no network")
        plain(self, address)

    plain = socket.socket.connect
    socket.socket.connect = refused  # type: ignore[method-assign]


def _no_native_dialogs(rng: random.Random, paths: list[str], folder: Path) -> None:
    """Dialogs of the system are answered at once; what would leave the window does nothing."""
    from PySide6.QtGui import QDesktopServices
    from PySide6.QtWidgets import QFileDialog

    from explorer.ui.dialogs.model_dialog import ModelDialog

    targets = [str(folder / "out"), str(folder / "s.fmx.json"), "/nowhere/x.png", "/proc/x.npz", ""]
    QFileDialog.getOpenFileName = staticmethod(lambda *_a, **_k: (rng.choice([*paths, ""]), ""))
    QFileDialog.getSaveFileName = staticmethod(lambda *_a, **_k: (rng.choice(targets), ""))
    QFileDialog.getExistingDirectory = staticmethod(lambda *_a, **_k: rng.choice([*paths[:2], str(folder), ""]))
    QDesktopServices.openUrl = staticmethod(lambda _url: True)
    ModelDialog.allow_download = property(lambda _self: False)

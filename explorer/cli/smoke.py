"""smoke-test: the whole way once, in the real window: two trained models, capture, scrub, attribute, maximise, compare, save."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli import smoke_words
from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec

if TYPE_CHECKING:
    from explorer.app import Application

MODELS = ("demo:shapes-cnn", "demo:shapes-ssl-vit")
METHOD, STEPS = "integrated-gradients", 4


def run(_args: argparse.Namespace) -> int:
    """Prints a line a step; raises ExplorerError at the first that fails. Nothing of the person's own settings is touched."""
    with tempfile.TemporaryDirectory(prefix="feature-map-explorer-", ignore_cleanup_errors=True) as home:
        os.environ["FME_HOME"] = home
        _steps(Path(home))
    _say("smoke test passed")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # at once: who waits at the other end measures when the window came


def _steps(home: Path) -> None:
    from explorer.api.qt_start import quiet_qt, unseen_without_display
    from explorer.app import Application, end_logging, install_hooks, set_up_logging

    unseen_without_display()
    set_up_logging()
    with quiet_qt():
        app = Application()
        install_hooks(app)  # an error in a slot goes to the log, which is read at the end
        _whole_way(app, home)
    _check_log()
    end_logging()
    _say("closed")


def _whole_way(app: Application, home: Path) -> None:
    try:
        app.window.show()
        app.qt.processEvents()
        _say(f"window: {app.window.width()} x {app.window.height()}, platform {app.qt.platformName()}")
        _open(app, MODELS[0])
        _scrub(app)
        _attribute(app)
        _maximise(app)
        _open(app, MODELS[1])
        _scrub(app)
        _compare(app)
        _save(app, home / "window.png")
    finally:
        app.window.close()
        app.close()


def _open(app: Application, model: str) -> None:
    """Opens a model on the sample cat, and waits until its own capture is shown."""
    from explorer.cli.waits import await_capture, await_rest, wait

    before = app.controller.view.capture
    if before is None:
        app.start(ModelSpec(model), InputRef("sample", "cat"))
        await_capture(app)
    else:
        app.commands.open_model(ModelSpec(model))
        wait(app, lambda: (now := app.controller.view.capture) is not None and now.model != before.model)
    capture = _capture(app)
    seen = [tap for tap in capture.taps if tap.observable]
    guesses = len(capture.prediction)
    _say(f"model and capture: {model}: {len(seen)} taps, {capture.nbytes:,} bytes, {guesses} guesses")
    await_rest(app)


def _capture(app: Application) -> Capture:
    capture: Capture | None = app.controller.view.capture
    if capture is None:
        raise ExplorerError("No capture came.")
    return capture


def _scrub(app: Application) -> None:
    """Goes to every layer of the strip; every one must show values."""
    controller, taps = app.controller, app.controller.view.layers.taps
    for tap in taps:
        controller.change(tap=tap.name)
        app.qt.processEvents()
        if controller.view.shown is None:
            raise ExplorerError(f"Layer {controller.session.tap} shows nothing.")
    _say(f"scrub: {len(taps)} layers painted")


def _attribute(app: Application) -> None:
    from explorer.cli import screenshot

    screenshot.attribute(app, METHOD)
    _say(f"attribution: {METHOD} of the best class")


def _maximise(app: Application) -> None:
    from explorer.cli import screenshot, waits

    layers = app.controller.view.layers
    app.controller.change(tap=layers.name(len(layers.taps) // 3), channel=0)
    waits.await_rest(app)
    screenshot.maximise(app, STEPS)
    _say(f"maximise: {STEPS} steps for a channel of {app.controller.session.tap}")


def _compare(app: Application) -> None:
    """Both models side by side; each must show a layer."""
    from explorer.cli import compare

    compare.show(app, tuple(ModelSpec(model) for model in MODELS), "", -1, None)
    shown = sum(view.shown is not None for view in app.controller.compare.views.values())
    if shown != len(MODELS):
        raise ExplorerError(f"Only {shown} of {len(MODELS)} models are shown side by side.")
    _say(f"compare: {shown} models side by side")


def _save(app: Application, target: Path) -> None:
    """The window as a PNG, encoded, written, and read again."""
    from PySide6.QtGui import QImage

    picture = app.window.grab()
    if picture.isNull() or not picture.save(str(target)) or QImage(str(target)).size() != picture.size():
        raise ExplorerError("The window could not be painted.")
    _say(f"picture: {picture.width()} x {picture.height()}, {target.stat().st_size:,} bytes")


def _check_log() -> None:
    """Raises the first line of the log that must not be there."""
    import logging

    from explorer.core.system import paths

    for handler in logging.getLogger().handlers:
        handler.flush()
    text = (paths.cache_dir() / "log.txt").read_text(encoding="utf-8", errors="replace")
    if found := smoke_words.fatal(text):
        raise ExplorerError("Something broke on the way.", found[0].strip())
    _say(f"log: {len(text.splitlines())} lines, nothing fatal")

"""The real window when things go wrong: it says so, keeps what it had, and closes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driver import windows
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from explorer.core.errors import ExplorerError, Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Session, to_json
from explorer.engine.jobs import stuck
from explorer.engine.jobs.runner import Job, Lane, Runner
from explorer.ui import waiting

SEEDED, CAT = ModelSpec("demo:seeded"), InputRef("sample", "cat")
ODD = str(Path(__file__).with_name("odd_nets.py"))


def odd(factory: str) -> ModelSpec:
    return ModelSpec(f"file:{ODD}:{factory}")


@pytest.fixture
def make_app(qapp: Any) -> Iterator[Callable[..., Any]]:
    """Windows that start with a model and a picture, closed at the end."""
    with windows() as opened:

        def make(model: ModelSpec | None = SEEDED, given: InputRef | None = CAT, **more: Any) -> Any:
            app = opened(**{"trust_code": False, **more})
            app.start(model, given)
            return app

        yield make


@pytest.fixture
def app(make_app: Callable[..., Any]) -> Any:
    made = make_app(trust_code=True)
    made.wait_capture()
    made.rest()
    return made


def clip(path: Path, frames: int = 12) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 3
        rng = np.random.default_rng(0)
        for _ in range(frames):
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


# --- live


def test_a_video_stops_at_its_end(app: Any, tmp_path: Path) -> None:
    app.live.unpaced()
    app.live.play(InputRef("video", str(clip(tmp_path / "a b%s.mkv"))))
    assert app.live.playing
    app.until(lambda: not app.live.playing)
    app.rest()
    assert app.session.input.frame == 11
    assert app.toolbar.live.text().startswith("▶")
    assert app.banner.kind != "error"
    assert not app.capture.dropped
    app.live.toggle()  # plays again from the start
    assert app.live.playing


def test_a_video_with_a_broken_tail_says_so_and_keeps_its_last_frame(app: Any, tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.mkv", 30).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    app.live.unpaced()
    said = app.failure(lambda: app.live.play(InputRef("video", str(cut))))
    assert "cut.mkv" in said.what
    assert said.why
    assert said.todo
    assert not app.live.playing
    app.rest()
    assert app.session.input.path == str(cut)
    assert 5 < app.session.input.frame < 29
    assert app.shown is not None


def test_the_end_of_an_earlier_stream_does_not_stop_the_next(app: Any) -> None:
    app.live.play(InputRef("scene"))
    app.until(lambda: app.session.input.kind == "scene")
    app.live.play(InputRef("scene", frame=500))
    app.until(lambda: app.session.input.frame > 502)
    assert app.live.playing


# --- models that fail


def test_what_is_taken_along_names_the_model_that_made_it(app: Any) -> None:
    before = app.capture
    app.failure(lambda: app.open_model(odd("Exits")))
    app.rest()
    assert app.capture is before
    assert app.explore.shown_card.spec == SEEDED
    assert "demo:seeded" in app.commands.take_away.python()
    assert set(app.explore.kernels) >= {"stem"}


@pytest.mark.parametrize("name", ["Kinds", "Names", "Tries"])
def test_every_layer_of_an_odd_model_can_be_looked_at(app: Any, name: str) -> None:
    from explorer.core.render import ScaleMode, SortKey

    app.open_model(odd(name))
    app.until(lambda: app.card.spec.id.endswith(name) and app.capture.model == app.card.digest)
    app.rest()
    for index in range(app.explore.strip.count):
        app.change(tap=app.explore.strip.tap(index), sort=SortKey.INDEX)
        for sort in SortKey:
            app.change(sort=sort)
        for scale in ScaleMode:
            app.change(scale=scale, channel=1)
        app.explore.point_at(0, 0)
        app.grab()
        empty = 0 in app.capture.tap(app.session.tap).shape
        assert (app.shown is None) == empty, app.session.tap
    app.rest()


def test_going_back_to_a_trusted_file_asks_nothing(app: Any) -> None:
    app.commands.open_model(odd("Names"))
    app.until(lambda: app.card.spec.id.endswith("Names") and app.capture.model == app.card.digest)
    app.commands.open_model(SEEDED)
    app.until(lambda: app.card.spec == SEEDED and app.capture.model == app.card.digest)
    app.history.back()
    app.until(lambda: app.capture.model.startswith("file:"))
    assert app.banner.kind != "error"


def test_a_yes_that_cannot_be_remembered_opens_the_model_and_says_so(
    make_app: Any, app_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    app.wait_capture()
    app.rest()
    store = app_home / "elsewhere"
    store.write_text("in the way")
    monkeypatch.setattr("explorer.engine.models.code_consent.config_dir", lambda: store)
    monkeypatch.setattr("explorer.ui.dialogs.consent.ask_consent", lambda *_: True)
    said = app.failure(lambda: app.commands.open_model(odd("Names")))
    assert "could not be saved" in said.what
    app.until(lambda: app.card.spec.id.endswith("Names"))
    assert app.banner.kind == "error"  # progress does not hide it


def test_only_the_file_that_was_named_is_trusted(
    make_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--trust-code says nothing about what a session names, in Explore or in a column, or what is opened later."""
    asked: list[Path] = []
    monkeypatch.setattr("explorer.ui.dialogs.consent.ask_consent", lambda path, *_: asked.append(path))
    for name, body in (("mine", ""), ("evil", f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")):
        (tmp_path / f"{name}.py").write_text(
            f"{body}from torch import nn\ndef make_model(): return nn.Conv2d(3, 4, 3)\n"
        )
    mine, evil = (ModelSpec(f"file:{tmp_path}/{name}.py:make_model") for name in ("mine", "evil"))
    app = make_app(mine, CAT, trust_code=True, named_only=True)
    app.wait_capture()
    assert app.card.spec == mine
    columns = (Column(0, evil, None), Column(1, mine, None))
    for session in (Session(evil, CAT), Session(mine, CAT, comparison=Comparison(columns), workspace="compare")):
        (tmp_path / "s.fmx.json").write_text(to_json(session))
        app.open_files([str(tmp_path / "s.fmx.json")])
        app.rest()
    app.commands.open_model(evil)
    app.rest()
    assert [path.name for path in asked] == ["evil.py"] * 3
    assert not (tmp_path / "ran").exists()


# --- starting


def test_a_last_session_whose_files_are_gone_ends_in_a_window_with_maps(make_app: Any, tmp_path: Path) -> None:
    from explorer.ui.settings import Settings

    gone = Session(ModelSpec("torchvision:resnet18", str(tmp_path / "gone.pth")), InputRef("picture", "/nowhere/x.png"))
    settings = Settings()
    settings.put("session", to_json(gone))
    settings.sync()
    app = make_app(None, None)
    app.wait_capture()
    app.rest()
    words = app.banner.text
    assert "gone.pth" in words
    assert "x.png" in words


@pytest.mark.parametrize(("threads", "budget"), [(-5, -7), (100_000, 10**20)])
def test_settings_that_make_no_sense_are_not_used(make_app: Any, threads: int, budget: int) -> None:
    from explorer.ui.settings import Settings

    settings = Settings()
    settings.put("threads", threads)
    settings.put("budget", str(budget))
    settings.put("theme", "purple")
    settings.put("device", "cuda:77")
    settings.sync()
    app = make_app()
    app.wait_capture()
    assert 1 <= app.engine.threads <= 1000


def test_a_screenshot_leaves_the_persons_last_session(make_app: Any) -> None:
    from explorer.ui.settings import Settings

    Settings().put("page", "attention")
    app = make_app(settings=Settings(lasting=False))
    app.wait_capture()
    assert app.explore.channel.page == "values"
    app.open_page("health")
    app.close()
    assert Settings().text("session") == ""
    assert Settings().text("page") == "attention"


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "/proc/1/root/x", "", "\udc80"])
def test_a_menu_opens_whatever_paths_are_remembered(app: Any, path: str) -> None:
    app.settings.remember("inputs", path)
    app.settings.remember("models", path)
    for menu in (app.toolbar.input_menu, app.toolbar.model_menu):
        menu.aboutToShow.emit()
        assert menu.actions()


# --- words


def test_names_that_look_like_html_are_shown_as_they_are(app: Any, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "<b>bold & 100%s.png"
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(path)
    app.open_files([str(path)])
    app.until(lambda: app.capture.picture.ref.path == str(path))
    app.rest()
    for label in app.find(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or "<" not in label.text()
    for widget in app.find(object):
        tip = widget.toolTip() if hasattr(widget, "toolTip") and callable(widget.toolTip) else ""
        assert "<b>" not in tip
    assert "&&" in app.toolbar.input.text()  # a single one would underline the next letter


def test_an_error_stays_until_something_else_is_asked_for(app: Any) -> None:
    app.failure(lambda: app.open_input(InputRef("picture", "/nowhere/first.png")))
    app.rest()
    assert "first.png" in app.banner.text
    app.open_input(CAT)
    assert app.banner.kind != "error"


def test_an_error_while_painting_leaves_the_program_alive(qtbot: Any) -> None:
    from explorer.ui.graphics.panel import Panel

    class Broken(Panel):
        def drawForeground(self, _painter: Any, _rect: Any) -> None:
            raise RuntimeError("cannot draw")

    canvas = Broken("broken")
    qtbot.addWidget(canvas)
    canvas.resize(50, 50)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="cannot draw"):
            canvas.grab()


# --- closing


def test_a_file_that_waits_to_be_saved_is_saved_on_closing(app: Any, tmp_path: Path) -> None:
    app.open_model(ModelSpec("torchvision:squeezenet1_0", untrained=True))
    app.save_values(str(tmp_path / "kept.npz"), app.card, app.capture, (app.capture.taps[0].name,))
    app.close()
    assert not app.worker.is_alive()
    with np.load(tmp_path / "kept.npz") as stored:
        assert len(stored.files) == 2


def test_only_what_must_not_be_lost_runs_on_after_closing() -> None:
    done: list[str] = []
    begun, never = threading.Event(), threading.Event()

    def first(job: Job) -> None:
        begun.set()
        while not job.cancelled():
            never.wait(0.001)

    runner = Runner(lambda _event: None)
    runner.submit(Lane.LOAD, first, "model")
    runner.submit(Lane.LOAD, lambda _job: done.append("other"), "model")
    runner.submit(Lane.LOAD, lambda job: done.append(f"saved {job.cancelled()}"), "save")
    begun.wait(10)
    assert runner.close(keep="save")
    assert done == ["saved False"]


_HANGS = """
import time, torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
    def forward(self, x):
        {body}
        return self.conv(x)
def make_model():
    return Net().eval()
"""


@pytest.mark.parametrize(("kind", "body"), [("spins", "while True: pass"), ("sleeps", "time.sleep(20)")])
def test_a_forward_that_hangs_is_said_and_given_up_and_another_model_opens(
    app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, body: str
) -> None:
    monkeypatch.setattr(waiting, "_SLOW_S", 0.5)
    monkeypatch.setattr(stuck, "ABANDON_S", 2.0)
    file, banner = tmp_path / f"{kind}.py", app.banner
    file.write_text(_HANGS.format(body=body))
    app.open_model(ModelSpec(f"file:{file}"))
    app.until(lambda: "still running after" in banner.text)
    assert kind in banner.text
    assert banner.kind == "progress"
    assert banner.cancel.isVisible()
    worker = app.worker
    banner.cancel.click()
    app.open_model(SEEDED)
    app.until(lambda: app.session.model == SEEDED and app.capture.model == app.card.digest and not app.explore.busy)
    if kind == "spins":
        assert app.desk.runner.left_behind == 0
        assert banner.kind != "error"
    else:
        assert f"“{kind}”" in banner.text
        assert "left behind" in banner.text
        assert f"{file.name}, line 8, in forward" in banner.whole
        worker.join(60)  # ends at last, and nobody hears of it
        assert app.desk.runner.left_behind == 0
    app.rest()


def test_closing_while_a_factory_hangs(app: Any, tmp_path: Path) -> None:
    file = tmp_path / "hangs.py"
    flag = tmp_path / "go on"
    file.write_text(
        f"import os, time\ndef make_model():\n    while not os.path.exists({str(flag)!r}): time.sleep(0.01)\n"
    )
    app.open_model(ModelSpec(f"file:{file}"))
    app.until(lambda: app.banner.kind == "progress" and "hangs.py" in app.banner.text)
    app.banner.cancel.click()
    app.rest()
    assert app.session.model == SEEDED
    app.open_model(ModelSpec(f"file:{file}"))
    app.close()
    assert not app.worker.is_alive()
    flag.touch()


def test_a_camera_that_goes_leaves_its_last_frame(app: Any) -> None:
    from PySide6.QtCore import QObject, Signal

    class FakeCamera(QObject):
        frame, failed = Signal(object), Signal(object)

        def start(self, device: str) -> None:
            if device == "taken":
                self.failed.emit(
                    ExplorerError("The camera cannot be used.", "It is taken.", "Close the other program.")
                )

        def stop(self) -> None: ...

        def ready(self) -> None: ...

    camera = FakeCamera(app.main_window)
    app.live.plug(camera)
    before = app.capture
    assert "taken" in app.failure(lambda: app.live.play_camera("taken", "Taken")).why
    assert app.capture is before
    assert not app.live.playing
    app.live.play_camera("0", "Front")
    camera.frame.emit(np.full((30, 40, 3), 90, np.uint8))
    app.until(lambda: app.capture.picture.ref.kind == "camera")
    gone = ExplorerError("The camera is gone.", "It was unplugged.", "Plug it in again.")
    assert app.failure(lambda: camera.failed.emit(gone)).what == "The camera is gone."
    assert not app.live.playing
    app.rest()
    assert app.capture.picture.ref.kind == "camera"
    assert app.shown is not None


def test_an_unexpected_end_is_told_at_the_next_start(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PySide6.QtGui import QGuiApplication

    from explorer.app import tell_crash
    from explorer.core.crash_log import Crash
    from explorer.core.system import paths
    from explorer.ui.widgets import banner as module

    opened: list[str] = []
    monkeypatch.setattr(module.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    tell_crash(app.application, Crash("2026-01-02 03:04:05", "Fatal Python error: Aborted", "last words"))
    banner = app.banner
    assert banner.kind == "error"
    assert "closed unexpectedly" in banner.text
    banner.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert all(part in copied for part in ("2026-01-02 03:04:05", "Fatal Python error: Aborted", "last words"))
    banner.folder.click()
    assert opened == [str(paths.cache_dir())]
    app.fail(Failure("Something else."))
    assert banner.folder.isHidden()


def test_logging_tells_of_the_last_window_and_a_clean_end_does_not(app_home: Path) -> None:
    import faulthandler
    import logging

    from explorer.app import end_logging, set_up_logging
    from explorer.core.system import paths

    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    root.handlers = []  # pytest's own must not be closed
    watched = faulthandler.is_enabled()
    try:
        assert set_up_logging() is None
        end_logging()
        assert set_up_logging() is None
        (paths.cache_dir() / "running-x.txt").write_text("then\n", encoding="utf-8")
        end_logging()
        left = set_up_logging()
        assert left is not None
        assert left.began == "then"
        end_logging()
    finally:
        logging.captureWarnings(False)
        for handler in root.handlers:
            handler.close()
        root.handlers, root.level = handlers, level
        if watched:
            faulthandler.enable(sys.__stderr__)

"""The real application in a process of its own, ended by others: nothing is lost but the last second."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on systems that have these signals")
_WAIT = 120  # seconds for a start on a busy computer

# The application as it is, and what a person does in it: goes to another channel once the first picture is there.
_PROGRAM = """
import signal, sys
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    signal.signal(number, handler)  # whoever runs the tests may ignore them
channel, sys.argv[1:] = sys.argv[1], sys.argv[2:]
from PySide6.QtCore import QTimer
import explorer.app as app
from explorer.__main__ import main
from tests.support.driver import Driver
plain = app.Application.start
def start(self, *given):
    plain(self, *given)
    asked, seen = [], Driver(self)
    def later():
        if seen.capture is not None and not asked and channel:
            asked.append(seen.change(channel=int(channel)))
        elif seen.capture is not None:
            print("session", seen.session.channel, seen.banner.text, flush=True)
    self.timer = QTimer(seen.main_window)
    self.timer.timeout.connect(later)
    self.timer.start(200)
app.Application.start = start
sys.exit(main())
"""


class Window:
    def __init__(self, channel: str, *given: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-c", _PROGRAM, channel, *given]
        self.process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def says(self, words: str) -> str:
        """The line that tells of the window, once it has these words."""
        assert self.process.stdout is not None
        end = time.monotonic() + _WAIT
        seen = []
        while time.monotonic() < end:
            line = self.process.stdout.readline()
            if not line:
                break
            seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}: {''.join(seen[-20:])}")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        try:
            self.process.communicate(timeout=60)
            return self.process.returncode
        finally:
            self.process.kill()


@pytest.fixture
def window() -> Iterator[Callable[..., Window]]:
    made: list[Window] = []

    def make(*given: str) -> Window:
        made.append(Window(*given))
        return made[-1]

    yield make
    for each in made:
        each.process.kill()
        each.process.communicate()


def kept(home: Path) -> dict[str, Any]:
    file = home / "config" / "last.fmx.json"
    return json.loads(file.read_text()) if file.exists() else {}


def await_kept(home: Path, channel: int) -> None:
    end = time.monotonic() + 30
    while kept(home).get("channel") != channel:
        assert time.monotonic() < end, kept(home)
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_the_next_start_is_where_the_last_one_was(window: Callable[..., Window], app_home: Path, number: int) -> None:
    first = window("5", "--model", "demo:shapes-cnn", "--input", "cat")
    first.says("session 5")
    if number == signal.SIGKILL:
        await_kept(app_home, 5)
    assert first.end(number) == (-9 if number == signal.SIGKILL else 0)
    assert kept(app_home)["channel"] == 5
    assert (list((app_home / "cache").glob("running-*")) == []) == (number == signal.SIGTERM)
    second = window("")
    said = second.says("session 5")
    assert ("closed unexpectedly" in said) == (number == signal.SIGKILL)
    assert second.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT], ids=["hangup", "interrupt"])
def test_other_signals_close_the_window_too(window: Callable[..., Window], app_home: Path, number: int) -> None:
    first = window("3", "--model", "demo:seeded", "--input", "cat")
    first.says("session 3")
    assert first.end(number) == 0
    assert kept(app_home)["channel"] == 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="only on systems where this user is no administrator")
def test_a_folder_that_cannot_be_written_to_is_said(window: Callable[..., Window], app_home: Path) -> None:
    (app_home / "config").mkdir(parents=True)
    (app_home / "config").chmod(0o500)
    window("", "--model", "demo:seeded", "--input", "cat").says("cannot be saved")


def test_a_folder_that_is_a_file_is_said_and_the_window_goes_on(window: Callable[..., Window], app_home: Path) -> None:
    (app_home / "config").write_text("in the way")
    first = window("2", "--model", "demo:seeded", "--input", "cat")
    assert "session 2" in first.says("cannot be saved")
    assert first.end(signal.SIGTERM) == 0


def test_a_session_that_ends_the_process_is_not_opened_for_ever(window: Callable[..., Window], app_home: Path) -> None:
    net = app_home / "net.py"
    net.write_text(
        "import os, torch\n"
        "class N(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        if os.path.exists(__file__ + '.bad'): os._exit(7)\n"
        "        return x.mean((2, 3))\n"
        "def make_model(): return N()\n"
    )
    first = window("1", "--model", f"file:{net}:make_model", "--trust-code", "--input", "cat")
    first.says("session 1")
    assert first.end(signal.SIGTERM) == 0
    from explorer.engine.models import Consent

    Consent().grant(net, Consent().needs_consent(net) or "")
    (app_home / "net.py.bad").touch()
    assert window("").wait() == 7
    third = window("")
    third.says("was not opened: the application closed while opening it")
    assert (app_home / "config" / "not-opened.fmx.json").exists()
    assert third.end(signal.SIGTERM) == 0

"""The guards of tests/conftest.py guard: a project whose tests misbehave fails, one test for each rule."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"

PLAIN = """
import socket, threading, time
import pytest

def test_network():
    with socket.socket() as s:
        s.settimeout(1)
        s.connect(("192.0.2.1", 80))

def test_name_lookup():
    socket.getaddrinfo("example.org", 80)

def test_loopback_is_allowed():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert socket.getaddrinfo("127.0.0.1", 80)

stop = threading.Event()

def test_thread_left():
    threading.Thread(target=stop.wait, name="lingerer").start()

def test_thread_ended():
    stop.set()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    thread.join()

def test_home(app_home, tmp_path_factory):
    import os
    assert os.environ["FME_HOME"] == str(app_home)
    assert list(app_home.iterdir()) == []

@pytest.mark.skip(reason="no CUDA device here")
def test_allowed_skip(): ...

@pytest.mark.skip(reason="nobody knows why")
def test_unexpected_skip(): ...

@pytest.mark.skip(reason="not installed: timm")
def test_skip_for_want_of_a_package(): ...
"""

QT = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

keep = []

def test_widget_left(qtbot):
    keep.append(QWidget())

def test_widget_closed(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()

def test_timer_left(qtbot):
    keep.append(QTimer())
    keep[-1].start(1000)

def test_timer_stopped(qtbot):
    timer = QTimer()
    timer.start(1000)
    timer.stop()

def test_failure_is_not_doubled(qtbot):
    keep.append(QWidget())
    raise AssertionError("own failure")
"""


def run_project(folder: Path, text: str, *arguments: str, **environment: str) -> tuple[set[str], str]:
    """(names of tests that failed or had an error, output) of a project with this one file of tests."""
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "tests" / "test_it.py").write_text(text)
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["tests"]\nqt_api = "pyside6"\n')
    command = [sys.executable, "-m", "pytest", "-rfE", "-p", "no:cacheprovider", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FME_"))}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**clean, **environment}, timeout=300
    )
    return set(re.findall(r"^(?:FAILED|ERROR) tests/test_it\.py::(\w+)", done.stdout, re.M)), done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [(), ("-n", "2", "--dist", "loadfile")])
def test_network_threads_home_and_skips(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    failed, output = run_project(tmp_path, PLAIN, *arguments)
    skips = {"test_unexpected_skip", "test_skip_for_want_of_a_package"}
    assert failed == {"test_network", "test_name_lookup", "test_thread_left", *skips}, output
    assert "left behind by the test: thread lingerer" in output
    assert "unexpected skip in a full run" in output


def test_skips_are_free_in_a_part_of_the_tests_or_when_allowed(tmp_path: Path) -> None:
    for number, (arguments, environment) in enumerate([(["-k", "skip"], {}), ([], {"FME_ALLOW_SKIPS": "1"})]):
        folder = tmp_path / str(number)
        folder.mkdir()
        failed, output = run_project(folder, PLAIN, *arguments, **environment)
        assert "test_unexpected_skip" not in failed, output
        assert "skipped" in output


def test_widgets_and_timers(tmp_path: Path) -> None:
    failed, output = run_project(tmp_path, QT)
    assert failed == {"test_widget_left", "test_timer_left", "test_failure_is_not_doubled"}, output
    assert "left behind by the test: top-level widget" in output
    assert "left behind by the test: running timer" in output
    assert "1 failed" in output
    assert "2 errors" in output

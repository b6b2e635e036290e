"""What every test runs under: no network, no screen, a home of its own, nothing left running, no unexpected skip.

Qt is only touched through `sys.modules`: core and engine tests run where no Qt is installed.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before anything imports Qt or torch.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["FME_LANGUAGE"] = "en"  # of the commands that tests start; within a test nothing is installed
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

# Reasons (how they begin) for which a test may be skipped in a full run; anything else is a test that nobody runs.
ALLOWED_SKIPS = (
    "shared data is not there",
    "no CUDA device",
    "no MPS device",
    "no camera",
    "no PulseAudio",
    "no Qt Multimedia",
    "only on ",
)
_QT_OPTIONS = ("qt_api", "qt_log_level_fail", "qt_log_ignore", "qt_no_exception_capture", "qt_default_raising")
_outcome = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Without pytest-qt (`-p no:pytest-qt`, no Qt installed) its options in pyproject.toml would be unknown ones."""
    if not any("pytestqt" in str(getattr(plugin, "__name__", "")) for plugin in pluginmanager.get_plugins()):
        for option in _QT_OPTIONS:
            parser.addini(option, f"{option} of pytest-qt, which is not loaded")


# --- a home of its own


@pytest.fixture(scope="session", autouse=True)
def _session_home() -> Iterator[None]:
    """Fixtures of a wider scope than one test must not reach the person's own folders either."""
    with (
        tempfile.TemporaryDirectory(prefix="fme-tests-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        _move_home(patch, Path(folder))
        yield


@pytest.fixture(autouse=True)
def app_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder beneath which this test's data, cache and settings lie."""
    home = tmp_path_factory.mktemp("home")
    _move_home(monkeypatch, home)
    return home


def _move_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("FME_HOME", str(home))
    patch.setenv("TORCH_HOME", str(home / "torch"))
    patch.delenv("FME_WEIGHTS", raising=False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real pictures, videos and weights beside the checkout; the test is skipped where they are not."""
    if not SHARED.is_dir():
        pytest.skip("shared data is not there (../shared/data beside the checkout)")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread() -> None:
    """Sums in the same order everywhere."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


# --- no network


class NetworkUsedError(RuntimeError):
    """No OSError, so that code under test cannot take it for being offline and pass."""


def _is_local(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return text == "localhost"


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Connections leave this computer in no test; loopback and Unix sockets work."""

    def guard(name: str, original: Any, address_of: Any) -> Any:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            host = address_of(*args, **kwargs)
            if host is not None and not _is_local(host):
                raise NetworkUsedError(f"a test used the network: {name}({host!r})")
            return original(*args, **kwargs)

        return guarded

    def peer(self: socket.socket, address: Any, *_: Any) -> Any:
        return address[0] if self.family in (socket.AF_INET, socket.AF_INET6) else None

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guard(name, getattr(socket.socket, name), peer))
        patch.setattr(
            socket, "getaddrinfo", guard("getaddrinfo", socket.getaddrinfo, lambda host, *_, **__: host or "localhost")
        )
        yield


# --- nothing left running


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that passed leaves no thread, no top-level widget and no running timer behind."""
    threads = set(threading.enumerate())
    with_qt = "qapp" in request.fixturenames
    timers = _record_timers(monkeypatch) if with_qt else []
    widgets = _top_level_widgets() if with_qt else []
    yield
    if request.node.stash.get(_outcome, False):
        left = _threads_left(threads) + (_qt_left(widgets, timers) if with_qt else [])
        assert not left, "left behind by the test: " + ", ".join(left)


def _threads_left(before: set[threading.Thread]) -> list[str]:
    alive = []
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon:
            thread.join(timeout=5)  # one that was told to stop may need a moment
            alive += [f"thread {thread.name}"] if thread.is_alive() else []
    return alive


def _record_timers(patch: pytest.MonkeyPatch) -> list[Any]:
    """Every QTimer that Python code starts during the test."""
    from PySide6.QtCore import QTimer

    started: list[Any] = []
    original = QTimer.start

    def start(self: Any, *args: Any) -> None:
        started.append(self)
        original(self, *args)

    patch.setattr(QTimer, "start", start)
    return started


def _top_level_widgets() -> list[Any]:
    from PySide6.QtWidgets import QApplication

    return list(QApplication.topLevelWidgets())


def _qt_left(before: list[Any], timers: list[Any]) -> list[str]:
    """Names of widgets and timers that outlive the test, after deferred deletions are done."""
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QEvent

    def new_widgets() -> list[Any]:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return [w for w in _top_level_widgets() if not any(w is old for old in before)]

    if new_widgets():
        gc.collect()  # widgets in reference cycles are nobody's any more
    left = [f"top-level widget {widget!r}" for widget in new_widgets()]
    running = [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]
    for timer in running:
        timer.stop()  # so that the next test is judged by its own timers
    return left + [f"running timer {timer!r} of {timer.parent()!r}" for timer in running]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whether the test passed, and fail unexpected skips of a full run."""
    report: Any = yield
    if report.when == "call":
        item.stash[_outcome] = report.passed
    return _judge_skip(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for modules that skip themselves while being collected."""
    report: Any = yield
    return _judge_skip(report, collector.config)


# --- no unexpected skip


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What is asked for is known where pytest was started; processes of pytest-xdist are told."""
    node.workerinput["full_run"] = is_full_run(node.config)


def is_full_run(config: pytest.Config) -> bool:
    """Whether everything was asked for: no path, no -k, no -m, no --deselect."""
    if hasattr(config, "workerinput"):
        return bool(config.workerinput["full_run"])
    option = config.option
    narrowed = option.keyword or option.markexpr or option.deselect or getattr(option, "lf", False)
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not narrowed


def _judge_skip(report: Any, config: pytest.Config) -> Any:
    if not report.skipped or hasattr(report, "wasxfail") or "FME_ALLOW_SKIPS" in os.environ or not is_full_run(config):
        return report
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if not reason.removeprefix("Skipped: ").startswith(ALLOWED_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"unexpected skip in a full run (set FME_ALLOW_SKIPS=1 to allow it): {reason}"
    return report

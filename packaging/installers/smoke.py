"""Runs the smoke test of an application that is installed or unpacked, as a stranger to this machine would.

Empty environment, a fresh home, and, where this may be asked for (as root on Linux), an unprivileged user without network.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from installers.facts import NAME, ROOT

STRANGER = 64999  # a user that owns nothing here: what it wrote can be found afterwards
LIMIT_S = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one smoke test went. Seconds are from the start of the process; None: it did not come that far."""

    code: int
    output: str
    window_s: float | None
    maps_s: float | None
    problems: tuple[str, ...] = field(default=())


def words() -> ModuleType:
    """What must and must not be said: the application's own list, loaded by its path."""
    spec = importlib.util.spec_from_file_location("smoke_words", ROOT / "explorer" / "cli" / "smoke_words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(folder: Path) -> Path:
    """The executable of a frozen folder."""
    return folder / (f"{NAME}.exe" if os.name == "nt" else NAME)


def judge(code: int, output: str) -> tuple[str, ...]:
    """What is wrong with a smoke test that ended; () when nothing is."""
    known = words()
    found = [f"exit code {code}"] if code else []
    found += [f"no line “{beginning}”" for beginning in known.missing(output)]
    return (*found, *known.fatal(output))


def run(executable: Path, display: str = "") -> Outcome:
    """The smoke test of `executable`, on an X display or, without one, offscreen."""
    with _home() as home:
        command = [*_stranger(), str(executable), "smoke-test"]
        output, code, came = _watch(command, _environment(home, display), home)
        problems = judge(code, output)
        left = [f"left behind: {path}" for path in (*_strays(home), *outside(home))]
    window, maps = words().EXPECTED[:2]
    return Outcome(code, output, came.get(window), came.get(maps), (*problems, *left))


def _environment(home: Path, display: str) -> dict[str, str]:
    """Nothing of this machine's own but what the system itself needs."""
    screen = {"DISPLAY": display} if display else {"QT_QPA_PLATFORM": "offscreen"}
    if os.name == "nt":
        places = dict.fromkeys(("USERPROFILE", "LOCALAPPDATA", "APPDATA", "TEMP", "TMP"), str(home))
        return {**places, "SYSTEMROOT": os.environ["SYSTEMROOT"], "PATH": "", **screen}
    return {"HOME": str(home), "TMPDIR": str(home), "PATH": "/usr/bin:/bin", **screen}


def _stranger() -> list[str]:
    """Words before a command that take its rights and its network away; [] where that cannot be had."""
    tools = shutil.which("unshare") and shutil.which("setpriv")
    if not sys.platform.startswith("linux") or not tools or os.geteuid() != 0:
        return []
    as_user = (f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", "--inh-caps=-all")
    return ["unshare", "--net", "setpriv", *as_user, "--"]


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stranger-", ignore_cleanup_errors=True) as folder:
        if _stranger():
            os.chown(folder, STRANGER, STRANGER)
        yield Path(folder)


def _watch(command: list[str], environment: dict[str, str], home: Path) -> tuple[str, int, dict[str, float]]:
    """Output, exit code, and after how many seconds the first line with each expected beginning came."""
    began, lines, came = time.monotonic(), list[str](), dict[str, float]()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, cwd=home, text=True, errors="replace", **pipes) as running:
        guard = threading.Timer(LIMIT_S, running.kill)
        guard.start()
        assert running.stdout is not None
        for line in running.stdout:
            lines.append(line)
            for beginning in words().EXPECTED:
                if line.startswith(beginning):
                    came.setdefault(beginning, time.monotonic() - began)
        guard.cancel()
        code = running.wait()
    return "".join(lines), code, came


def _strays(home: Path) -> list[str]:
    """Files that the stranger has left anywhere but in its own home."""
    if not _stranger():
        return []
    command = ["find", "/", "-xdev", "-user", str(STRANGER), "-not", "-path", f"{home}*"]
    found = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return [path for path in found if not path.startswith(("/proc/", "/sys/"))]


def outside(home: Path) -> list[str]:
    """Files in a home on Linux that are in none of the three folders that are the application's own."""
    own = tuple(f"{base}/{NAME}/" for base in (".local/share", ".cache", ".config"))
    files = [path.relative_to(home).as_posix() for path in home.rglob("*") if not path.is_dir()]
    return (
        [f"~/{path}" for path in sorted(files) if not path.startswith(own)] if sys.platform.startswith("linux") else []
    )


@contextmanager
def screen() -> Iterator[str]:
    """An X display that nobody sees, as DISPLAY names it; "" where there is no Xvfb."""
    if shutil.which("Xvfb") is None:
        yield ""
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as running:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        try:
            yield f":{number}" if number else ""
        finally:
            running.terminate()

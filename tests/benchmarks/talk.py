"""Two processes that take turns: one line of JSON asks, one answers. While one computes, the other sleeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
_LIMIT_S = 900.0
# Installed programs have byte code: one that compiles its files anew in every process starts a third later.
_BYTES = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
_OWN = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", *_BYTES)


class ChildError(RuntimeError):
    """A measuring process failed; the message holds what it said."""


def environment(home: str) -> dict[str, str]:
    """As a person has it, but with a home of its own, no window on the screen and no limit on threads but the stated one."""
    kept = {name: value for name, value in os.environ.items() if name not in _OWN and not name.startswith("FME_")}
    own = {"FME_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    own["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "fme-benchmark-bytes")
    return {**kept, **own}


class Child:
    """`python -m tests.benchmarks.children.NAME ARGS`, asked line by line."""

    def __init__(self, name: str, *args: str, extra: Mapping[str, str] | None = None) -> None:
        """`extra`: more of its environment."""
        self.name = name
        self._home = tempfile.TemporaryDirectory(prefix="fme-benchmark-", ignore_cleanup_errors=True)
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.benchmarks.children.{name}", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            cwd=ROOT,
            env=environment(self._home.name) | dict(extra or {}),
        )

    def ask(self, what: str, **given: Any) -> Any:
        """The child's answer. Raises ChildError when it fails, dies or takes a quarter of an hour."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        guard = threading.Timer(_LIMIT_S, self._process.kill)
        guard.start()
        try:
            self._process.stdin.write(json.dumps({"what": what, **given}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            guard.cancel()
        answer = json.loads(line) if line else {"error": "it ended without an answer\n" + self._tail()}
        if "error" in answer:
            raise ChildError(f"{self.name}: {answer['error']}")
        return answer["value"]

    def _tail(self) -> str:
        self._said.seek(0)
        return self._said.read()[-2000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._said.close()
        self._home.cleanup()


def serve(handlers: Mapping[str, Callable[..., Any]]) -> None:
    """The child's side: answers until nobody asks any more. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": handlers[request.pop("what")](**request)}
        except Exception:  # noqa: BLE001 - told to the parent
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

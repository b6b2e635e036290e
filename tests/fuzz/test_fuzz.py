"""A little of every fuzzer, under fixed seeds; more of it with `python -m tests.fuzz`."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import factories, media, sessions

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, timeout: float) -> str:
    """In a process of its own, so that a crash is a failed test; what it said where it found nothing."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def test_mutated_sessions_are_read_or_refused() -> None:
    rng = random.Random(20)
    read = [sessions.read(sessions.mutated(rng)) for _ in range(800)]
    assert 40 < sum(session is not None for session in read) < 400
    assert sessions.read(sessions.to_json(sessions.whole())) == sessions.whole()


@pytest.mark.slow
def test_mutated_sessions_in_a_window() -> None:
    assert "0 findings" in run("sessions", "--count", "200", "--opened", "15", "--seed", "21", timeout=600)


@pytest.mark.parametrize("seed", range(2))
def test_odd_factories(seed: int) -> None:
    found: list[str] = []
    assert factories.fuzz(15, seed, found.append) == 0, "\n".join(found)


@pytest.mark.slow
def test_a_monkey_in_the_window_for_a_minute(request: Any) -> None:
    said = run("monkey", "--minutes", "1", "--seed", "5", timeout=900)
    assert "0 findings" in said


@pytest.mark.slow
def test_damaged_pictures_and_videos() -> None:
    """A quarter of a minute of them; longer: `python -m tests.fuzz media --minutes N`."""
    count, found = media.run(seconds=15, seed=12)
    assert found == []
    assert min(count["read"], count["refused"]) > 100

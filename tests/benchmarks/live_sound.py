"""A microphone through a model in the real window: frames a second, what a frame costs the UI thread, the heartbeat.

A frame is the newest stretch of samples, so more frames than blocks of samples there cannot be; and a screen shows 60 a second."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings
from tests.support.sound_server import Pipe, SoundServer

MODELS = ("demo:sounds-mel-cnn", "demo:sounds-wave-cnn")
_PLACES = (0.0, 0.5)  # of the layer on the screen
_SCREEN = 60.0  # frames a second
_BAR, _P99_MS = 0.9, 16.0
_PIECE_S = 0.005  # of sound at a time, as from a microphone


def measure(settings: Settings) -> list[Row]:
    rows = []
    with _server() as server:
        for name in MODELS[: settings.pick(2, 1)]:
            with Child("live_sound", extra=_own(server)) as window, Child("forwards", "--tuned") as script:
                window.ask("open", name=name, threads=settings.threads)
                script.ask("load", name=name, threads=settings.threads, ways=["bare"])
                for place in _PLACES:
                    rows += _rows(name, place, settings, window, script)
    return rows


def _rows(name: str, place: float, settings: Settings, window: Child, script: Child) -> list[Row]:
    """Each runs while the other waits."""
    tap = window.ask("choose", place=place)
    seconds = float(settings.pick(5, 2))
    window.ask("listen", seconds=1.0)  # warms up
    found, scripts = [], []
    for _ in range(settings.pick(3, 1)):
        scripts.append(script.ask("rate", seconds=seconds / 2))
        found.append(window.ask("listen", seconds=seconds))
    rates = [each["frames"] / each["seconds"] for each in found]
    share = figures.ratios(rates, [min(rate, _SCREEN) for rate in scripts])
    plain = figures.ratios([each["captures"] / each["seconds"] for each in found], scripts)
    busy = [ms for each in found for ms in each["processor"]]
    late = [ms for each in found for ms in each["late"]]
    beats = [ms for each in found for ms in each["beats"]]
    title, said = f"{name}, {tap} shown", f"{median(rates):.1f} frames a second, forwards {median(scripts):.0f}"
    per = f"p50 {figures.percentile(busy, 50):.1f} ms, p95 {figures.percentile(busy, 95):.1f} ms, n {len(busy)}"
    worst = f"of the processor p99 {figures.percentile(beats, 99):.1f} ms, max {max(beats):.1f} ms"
    return [
        Row(f"{title}: frames / bare forwards, 60 a second at most", median(share), bar=_BAR, sense=">=", detail=said),
        Row(f"{title}: captures handed over / bare forwards", median(plain), sense=">="),
        Row(f"{title}: processor of the UI thread for a frame", sum(busy) / len(busy), "ms", detail=per),
        Row(f"{title}: heartbeat, p99", figures.percentile(late, 99), "ms", _P99_MS, detail=worst),
    ]


@contextmanager
def _server() -> Iterator[SoundServer]:
    """One of its own, with a microphone that hears a tone. Raises RuntimeError without PulseAudio."""
    if not (shutil.which("pulseaudio") and shutil.which("pactl")):
        raise RuntimeError("PulseAudio is not installed: pulseaudio and pulseaudio-utils.")
    with tempfile.TemporaryDirectory(prefix="fme-s-", ignore_cleanup_errors=True) as folder:
        server = SoundServer(Path(folder), 16000, 1)
        try:
            server.wait()
            with _speaking(Pipe(server)):
                yield server
        finally:
            server.stop()


@contextmanager
def _speaking(pipe: Pipe) -> Iterator[None]:
    """Writes a tone over noise at the pace of a microphone."""
    over = threading.Event()

    def write() -> None:
        random, piece, start = np.random.default_rng(0), round(pipe.rate * _PIECE_S), time.monotonic()
        for number in itertools.count():
            if over.is_set():
                return
            times = (np.arange(piece) + number * piece) / pipe.rate
            values = 0.3 * np.sin(2 * np.pi * 440 * times) + 0.05 * random.standard_normal(piece)
            os.write(pipe.end, values.astype(np.float32).tobytes())
            time.sleep(max(0.0, start + (number + 1) * _PIECE_S - time.monotonic()))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()
        pipe.close()


def _own(server: SoundServer) -> dict[str, Any]:
    return {name: value for name, value in server.environment.items() if name.startswith(("PULSE_", "XDG_RUNTIME"))}

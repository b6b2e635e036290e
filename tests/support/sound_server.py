"""A sound server of a test's own: PulseAudio on a socket in a folder of its own, with a sink that is no hardware."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.ui.qt_multimedia import load
from explorer.ui.sound.sound_errors import no_sound_library, no_sound_system_library

PROBE = Path(__file__).with_name("sound_probe.py")
ROOT = PROBE.parent.parent.parent


def _ended_after(process: subprocess.Popen[Any], seconds: float = 100.0) -> threading.Timer:
    """Ends a process that hangs, so that whoever reads from it goes on."""
    limit = threading.Timer(seconds, process.kill)
    limit.daemon = True
    limit.start()
    return limit


class SoundServer:
    """A running server. Its sink `out` takes `rate` Hz as floats and is heard on `out.monitor`."""

    def __init__(self, folder: Path, rate: int, channels: int) -> None:
        self.folder, self.rate, self.channels = folder, rate, channels
        config = folder / "daemon.conf"
        # else the server would take its sink to 44.1 kHz for the first stream that wants that
        rates = f"default-sample-rate = {rate}\nalternate-sample-rate = {rate}\n"
        config.write_text(f"{rates}default-sample-format = float32le\ndefault-sample-channels = {channels}\n")
        own = {
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "PULSE_CONFIG": config,
            "PULSE_RUNTIME_PATH": folder / "r",
            "PULSE_STATE_PATH": folder / "s",
            "PULSE_SERVER": f"unix:{folder / 'native'}",
        }
        self.environment = {**os.environ, **{name: str(value) for name, value in own.items()}}
        self.environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        self.log = (folder / "log").open("w")
        command = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disable-shm=yes",
        ]
        command += ["--realtime=no", "--high-priority=no"]
        command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder / 'native'}"]
        command += ["-L", f"module-null-sink sink_name=out format=float32le rate={rate} channels={channels}"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(600):
            if subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, timeout=60).returncode == 0:
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def pactl(self, *words: str) -> str:
        done = subprocess.run(
            ["pactl", *words], env=self.environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()

    @contextmanager
    def listening(self) -> Iterator[Monitor]:
        """What its sink plays, from now on."""
        command = ["parec", "--raw", "--device=out.monitor", "--format=float32le", f"--rate={self.rate}"]
        command += [f"--channels={self.channels}", "--latency-msec=20"]
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, bufsize=0)
        limit = _ended_after(process)
        try:
            yield Monitor(process, self.channels)
        finally:
            limit.cancel()
            limit.join()
            process.terminate()
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()

    @contextmanager
    def probe(self, *words: str) -> Iterator[Probe]:
        """The player or the microphone in a process of its own: Qt stays with the first server that it finds."""
        running = Probe(words, self.environment)
        try:
            yield running
        finally:
            running.kill()


class Probe:
    """A running `sound_probe.py`."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self.said: list[dict[str, Any]] = []
        command, pipe = [sys.executable, str(PROBE), *words], subprocess.PIPE
        self.process = subprocess.Popen(
            command, env=environment, text=True, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
        )
        self._limit = _ended_after(self.process)

    def until(self, what: str) -> dict[str, Any]:
        """The next line that says this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if what in self.said[-1]:
                return self.said[-1]
        raise AssertionError(f"ended without {what!r}: {self.said[-5:]}")

    def finish(self) -> str:
        """Closes its input and waits for its end; answers with its standard error. It must exit with 0."""
        writing, reading, errors = self.process.stdin, self.process.stdout, self.process.stderr
        assert writing is not None
        assert reading is not None
        assert errors is not None
        writing.close()
        self.said += [json.loads(line) for line in reading]
        err = errors.read()
        self.process.wait()
        self.kill()
        assert self.process.returncode == 0, err
        return err

    def every(self, what: str) -> list[Any]:
        """What was said of it."""
        return [line[what] for line in self.said if what in line]

    def kill(self) -> None:
        self._limit.cancel()
        self._limit.join()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()


class Monitor:
    """Samples as the sink plays them; silence where nothing plays."""

    def __init__(self, process: subprocess.Popen[bytes], channels: int) -> None:
        self.process, self.channels, self._rest = process, channels, b""
        self.read()  # now it listens

    def read(self) -> np.ndarray:
        """(channels, n), what came since; waits for at least one frame."""
        assert self.process.stdout is not None
        width = 4 * self.channels
        while len(self._rest) < width:
            came = self.process.stdout.read(65536)
            assert came, "the monitor ended"
            self._rest += came
        whole = len(self._rest) // width * width
        data, self._rest = self._rest[:whole], self._rest[whole:]
        return np.frombuffer(data, "<f4").reshape(-1, self.channels).T

    def sound(self, frames: int, most: int) -> np.ndarray:
        """(channels, frames) of what is not silent, out of at most `most` frames: a busy computer puts silence in between."""
        parts, found, seen = [], 0, 0
        while found < frames and seen < most:
            came = self.read()
            seen += came.shape[1]
            loud = came[:, came.any(axis=0)]
            parts.append(loud)
            found += loud.shape[1]
        return np.concatenate(parts, axis=1)


class Pipe:
    """A microphone that hears what is written into a FIFO: numbers that count upwards, each exact in float32."""

    STEP = 2.0**-20

    def __init__(self, server: SoundServer) -> None:
        path = server.folder / "fifo"
        form = ["format=float32le", f"rate={server.rate}", "channels=1"]
        self.module = server.pactl("load-module", "module-pipe-source", "source_name=pipe", f"file={path}", *form)
        server.pactl("set-default-source", "pipe")
        # the source runs from now on: one that begins drops what has waited in the FIFO
        command = ["parec", "--raw", "--device=pipe"]
        self.listener = subprocess.Popen(command, env=server.environment, stdout=subprocess.DEVNULL)
        self.end = os.open(path, os.O_WRONLY)
        self.written, self.rate, self.piece = 0, server.rate, server.rate // 50

    def write(self) -> None:
        """20 ms, and as long a pause: what comes faster than from a microphone overflows the server's buffer of a few pieces."""
        values = np.arange(self.written + 1, self.written + self.piece + 1, dtype=np.float32) * np.float32(self.STEP)
        self.written += self.piece
        os.write(self.end, values.tobytes())  # less than what a FIFO takes at once
        time.sleep(0.02)

    def close(self) -> None:
        os.close(self.end)
        self.listener.terminate()
        self.listener.wait(60)

    def begin(self, probe: Probe) -> int:
        """Writes until the first samples came; answers with how many were lost before somebody listened."""
        came = threading.Event()

        def little_by_little() -> None:
            while not came.is_set():
                self.write()

        writer = threading.Thread(target=little_by_little)
        writer.start()
        try:
            got = int(probe.until("got")["got"])
        finally:
            came.set()
            writer.join()
        return self.written - got

    def go_on(self, probe: Probe, lost: int, frames: int) -> None:
        """Until so many were recorded; never more than 0.9 s ahead of what was, however slow this computer is."""
        got = 0
        while got < frames:
            while self.written - lost - got < self.rate * 9 // 10:
                self.write()
            got = int(probe.until("got")["got"])


def need_pulseaudio() -> None:
    """Skips the test where there is none."""
    if not (shutil.which("pulseaudio") and shutil.which("parec") and shutil.which("pactl")):
        pytest.skip("no PulseAudio: pulseaudio and pulseaudio-utils are not installed")
    try:
        load(no_sound_library, no_sound_system_library)
    except ExplorerError as error:
        pytest.skip(f"no Qt Multimedia: {error}")


@contextmanager
def sound_server(rate: int = 16000, channels: int = 1) -> Iterator[SoundServer]:
    """Skips the test where PulseAudio is not installed."""
    need_pulseaudio()
    with tempfile.TemporaryDirectory(prefix="fme-s-", ignore_cleanup_errors=True) as folder:  # short: it names a socket
        server = SoundServer(Path(folder), rate, channels)
        try:
            server.wait()
            yield server
        finally:
            server.stop()

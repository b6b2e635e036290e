"""Plays or records in a process of its own, for tests with a server of theirs; says what happens, a line of JSON each.

    python tests/support/sound_probe.py play SAMPLES.npy RATE [loop]
    python tests/support/sound_probe.py close SAMPLES.npy RATE      (a window that is closed while it plays)
    python tests/support/sound_probe.py record RATE COUNT SAMPLES.npy [stall]

It ends when its standard input does.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from PySide6.QtCore import QSocketNotifier, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from explorer.ui.sound.microphone import Microphone
from explorer.ui.sound.player import Player


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def quit_with_input(app: QApplication) -> QSocketNotifier:
    ends = QSocketNotifier(0, QSocketNotifier.Type.Read, app)
    ends.activated.connect(lambda: app.quit())
    return ends


def play(app: QApplication, path: str, rate: str, *more: str) -> None:
    player = Player(app)
    player.moved.connect(lambda at: say(moved=at, now=time.monotonic()))
    player.ended.connect(lambda: say(ended=True))
    player.failed.connect(lambda text: say(failed=text))
    player.playing_changed.connect(lambda playing: say(playing=playing))
    player.play(np.load(path), int(rate), loop="loop" in more)
    say(note=player.note)
    keep = quit_with_input(app)
    app.exec()
    keep.setEnabled(False)
    player.stop()


def close(app: QApplication, path: str, rate: str) -> None:
    window = QWidget()
    player = Player(window)
    player.failed.connect(lambda text: say(failed=text))
    window.show()
    player.moved.connect(lambda at: window.close() if at > 0 else None)
    player.play(np.load(path), int(rate))
    app.exec()
    say(playing=player.playing)


def record(app: QApplication, rate: str, count: str, path: str, *more: str) -> None:
    microphone, parts = Microphone(app), []

    def came(block: np.ndarray) -> None:
        parts.append(block)
        say(got=sum(part.shape[1] for part in parts))
        if len(parts) == 10 and "stall" in more:
            time.sleep(0.9)
        if sum(part.shape[1] for part in parts) >= int(count):
            app.quit()

    def failed(text: str) -> None:
        say(failed=text)
        app.quit()

    microphone.block.connect(came)
    microphone.failed.connect(failed)
    microphone.start(int(rate))
    if microphone.recording:
        app.exec()
    microphone.stop()
    if parts:
        np.save(path, np.concatenate(parts, axis=1))
        form = {"rate": microphone.rate, "channels": microphone.channels}
        say(saved=sum(part.shape[1] for part in parts), overruns=microphone.overruns, **form)


if __name__ == "__main__":
    application = QApplication([])
    qInstallMessageHandler(lambda _kind, _where, text: sys.stderr.write(f"{text}\n"))  # in Python, as the application's
    {"play": play, "close": close, "record": record}[sys.argv[1]](application, *sys.argv[2:])
    qInstallMessageHandler(None)

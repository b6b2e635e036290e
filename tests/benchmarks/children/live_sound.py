"""A microphone in the real window."""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise
from typing import Any

from tests.benchmarks.children.live_window import LiveWindow
from tests.benchmarks.talk import serve


class LiveSound:
    def __init__(self, window: LiveWindow) -> None:
        self.window = window

    def listen(self, seconds: float) -> dict[str, Any]:
        """Frames painted, captures shown, ms of the UI thread from frame to frame; then, for as long again, by how much a 1 ms timer
        came late, and what the UI thread computed from beat to beat: the timer takes its part of the processor, too."""
        window, desktop = self.window, self.window.desktop
        assert desktop is not None
        live = desktop.driver.live
        live.play_microphone("", "tone")
        window.count_anew()
        desktop.until(lambda: len(window.marks) > 3)
        window.count_anew()
        start = time.perf_counter()
        desktop.run(seconds)
        spent, marks, captures = time.perf_counter() - start, list(window.marks), window.captures
        late, beats = desktop.listen(seconds)
        live.stop()
        desktop.rest()
        busy = [1000 * (b[1] - a[1]) for a, b in pairwise(marks)]
        return {
            "seconds": spent,
            "frames": len(marks),
            "captures": captures,
            "processor": busy,
            "late": late,
            "beats": beats,
        }


def main() -> None:
    window = LiveWindow()
    opened = partial(window.open, sample="sound-kick")
    serve({"open": opened, "choose": window.choose, "listen": LiveSound(window).listen})
    window.close()


if __name__ == "__main__":
    main()

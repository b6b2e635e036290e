"""Live video in the real window: frames that a person sees in a second."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.children.live_window import LiveWindow
from tests.benchmarks.talk import serve


class Live:
    def __init__(self, window: LiveWindow) -> None:
        self.window = window

    def rate(self, seconds: float) -> dict[str, Any]:
        """Different frames painted a second, streaming as fast as it goes; what was played."""
        desktop = self.window.desktop
        assert desktop is not None
        name = desktop.play()
        self.window.count_anew()
        desktop.run(seconds)  # the loop sleeps while there is nothing to do, as it does for a person
        marks = [clock for clock, _ in self.window.marks]
        desktop.pause()
        rate = (len(marks) - 1) / (marks[-1] - marks[0]) if len(marks) > 1 else 0.0
        return {"rate": rate, "frames": len(marks), "input": name}


def main() -> None:
    window = LiveWindow()
    serve({"open": window.open, "choose": window.choose, "rate": Live(window).rate})
    window.close()


if __name__ == "__main__":
    main()

"""A 1 ms timer in the UI thread, and how late it is while the worker computes."""

from __future__ import annotations

import sys
from typing import Any

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class Heart:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.frames: list[Array] = []
        self.number = 0

    def open(self, name: str, threads: int) -> float:
        """Answers with the seconds after which Python threads take turns."""
        from explorer.engine.inputs.scene import scene_frame

        self.desktop = Desktop(name, threads, budget=1 << 29)
        self.frames = [scene_frame(index).pixels for index in range(0, 240, 8)]
        return sys.getswitchinterval()

    def beat(self, while_: str, seconds: float) -> dict[str, Any]:
        """Milliseconds by which each beat came late; captures made meanwhile. `while_` is idle, live or pictures."""
        assert self.desktop is not None
        captures: list[int] = []
        self.desktop.driver.captured.connect(lambda c: captures.append(c.number))
        self._begin(while_)
        captures.clear()
        painted = self.desktop.paints.count
        late, _ = self.desktop.listen(seconds)
        count, painted = len(captures), self.desktop.paints.count - painted
        self._end(while_)
        self.desktop.driver.captured.disconnect()
        return {"late": late, "captures": count, "painted": painted}

    def _begin(self, while_: str) -> None:
        assert self.desktop is not None
        if while_ == "live":
            self.desktop.play()
        elif while_ == "pictures":
            self.desktop.driver.captured.connect(self._next_picture)
            self._next_picture()
            self.desktop.run(0.5)

    def _end(self, while_: str) -> None:
        assert self.desktop is not None
        if while_ == "pictures":
            self.desktop.driver.captured.disconnect(self._next_picture)
        self.desktop.pause()

    def _next_picture(self, _capture: Capture | None = None) -> None:
        """A picture that has never been there: the scene with a number written into a corner."""
        assert self.desktop is not None
        self.number += 1
        pixels = self.frames[self.number % len(self.frames)].copy()
        pixels[0, 0] = (self.number & 255, self.number >> 8 & 255, self.number >> 16)
        self.desktop.driver.open_pixels(pixels, f"picture {self.number}")


def main() -> None:
    heart = Heart()
    serve({"open": heart.open, "beat": heart.beat})
    if heart.desktop is not None:
        heart.desktop.close()


if __name__ == "__main__":
    main()

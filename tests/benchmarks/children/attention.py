"""Attention in the real window: a pointer that moves over the picture, and what is painted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from explorer.core.attention_queries import query_of
from tests.benchmarks.children.desktop import Desktop, Paints
from tests.benchmarks.talk import serve

FACTORY = Path(__file__).resolve().parents[1] / "models" / "vit_s14.py"


class Attention:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self._drawn: dict[str, tuple[Any, int]] = {}  # by mode

    @property
    def control(self) -> Any:
        assert self.desktop is not None
        return self.desktop.driver.page("attention")

    def open(self, threads: int, block: int) -> dict[str, Any]:
        """The page Attention on one block; answers with tokens, heads and bytes of the recording of all blocks."""
        self.desktop = desktop = Desktop(f"file:{FACTORY}:make_model", threads, trust_code=True)
        desktop.driver.change(tap=f"encoder.layers.encoder_layer_{block}.self_attention")
        desktop.driver.open_page("attention")
        desktop.rest()
        self._watch()
        call = self.control.call
        return {
            "tokens": call.keys.count,
            "prefix": call.keys.prefix,
            "heads": call.heads,
            "blocks": len(self.control.attending.calls),
            "bytes": self.control.attending.nbytes,
        }

    def hover(self, count: int, mode: str, to: bool) -> dict[str, Any]:
        """Over the picture from patch to patch: seconds from each move until its row has been painted in every head."""
        assert self.desktop is not None
        tab = self.control
        tab.set_mode(mode)
        tab.direction.setCurrentIndex(int(to))
        tab.direction.activated.emit(int(to))
        self.desktop.rest()
        self.desktop.paints = Paints(tab.tiles if mode == "heads" else tab.blocks)
        steps = [self._move(number) for number in range(count)]
        self.desktop.rest()
        return {"seconds": steps}

    def _move(self, number: int) -> float:
        assert self.desktop is not None
        view, control = self.desktop.driver.explore.input.picture, self.control
        place = view.picture.toRect()
        # another patch each time: 23 and 17 have nothing in common with the 37 in a row
        x, y = (number * 23 % 37 + 0.5) / 37, (number * 17 % 37 + 0.5) / 37
        at = QPoint(place.left() + int(x * place.width()), place.top() + int(y * place.height()))
        start = time.perf_counter()
        QTest.mouseMove(view, at)
        asked = control.asking
        self.desktop.until(lambda: self._drawn.get(control.mode, (None, 0))[0] == asked and self._painted())
        return time.perf_counter() - start

    def _painted(self) -> bool:
        """Whether what was drawn last has been painted since."""
        assert self.desktop is not None
        return self.desktop.paints.count > self._drawn[self.control.mode][1]

    def _watch(self) -> None:
        """Notes which token was handed to the widgets, and how often they had been painted before."""
        drawing, desktop = self.control.drawing, self.desktop
        assert desktop is not None
        look, overview = drawing.look, drawing.overview

        def looked(place: Any, call: Any, found: Any, head: Any) -> None:
            look(place, call, found, head)
            self._drawn["heads"] = found.query, desktop.paints.count

        def seen(attending: Any, found: Any) -> None:
            overview(attending, found)
            self._drawn["blocks"] = query_of(self.control.call.queries, found.spot), desktop.paints.count

        drawing.look, drawing.overview = looked, seen


def main() -> None:
    attention = Attention()
    serve({"open": attention.open, "hover": attention.hover})
    if attention.desktop is not None:
        attention.desktop.close()


if __name__ == "__main__":
    main()

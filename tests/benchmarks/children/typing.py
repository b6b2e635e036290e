"""A word of a sentence changed by key, in the real window."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from explorer.core.models import ModelSpec
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve

_WORDS = ("good", "bad")
_TEXT = "we came back last week and the food there was really good"


class Typing:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None

    def open(self, name: str, tap: str, threads: int) -> int:
        """A model of texts on a sentence, at a layer of it; answers with the number of its layers."""
        self.desktop = Desktop("demo:shapes-cnn", threads)
        driver = self.desktop.driver
        driver.open_model(ModelSpec(name))
        self.desktop.rest()
        self._put(_TEXT)
        driver.change(tap=tap)
        self.desktop.rest()
        return int(driver.explore.strip.count)

    def type(self, words: int) -> dict[str, Any]:
        """The last word replaced again and again, a key after the other. Of each key: seconds until the maps of the text that
        is written have been painted, and the seconds that the window's own thread computed for it."""
        assert self.desktop is not None
        field = self.desktop.driver.explore.input.text.field
        seconds, computed = [], []
        for number in range(words):
            word = _WORDS[number % len(_WORDS)]
            cursor = field.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.movePosition(QTextCursor.MoveOperation.StartOfWord, QTextCursor.MoveMode.KeepAnchor)
            field.setTextCursor(cursor)
            for letter in word:
                begun, spent = time.perf_counter(), time.thread_time()
                QTest.keyClick(field, letter)
                painted, used = self._until_painted()
                seconds.append(painted - begun)
                computed.append(used - spent)
            self.desktop.rest()
        return {"seconds": seconds, "computed": computed, "text": field.toPlainText()}

    def _until_painted(self) -> tuple[float, float]:
        """When the maps were painted with the values of the text that is written: on the clock, and of the thread's own time."""
        assert self.desktop is not None
        at: list[tuple[float, float]] = []
        field = self.desktop.driver.explore.input.text.field

        def painted() -> None:
            if not at and self._shown() == field.toPlainText():
                at.append((time.perf_counter(), time.thread_time()))

        self.desktop.paints.painted.connect(painted)
        try:
            self.desktop.until(lambda: bool(at))
        finally:
            self.desktop.paints.painted.disconnect(painted)
        return at[0]

    def _shown(self) -> str:
        assert self.desktop is not None
        return str(getattr(self.desktop.driver.capture.picture, "text", ""))

    def _put(self, text: str) -> None:
        assert self.desktop is not None
        self.desktop.driver.explore.input.text.field.setPlainText(text)
        self.desktop.rest()


def main() -> None:
    typing = Typing()
    serve({"open": typing.open, "type": typing.type})
    if typing.desktop is not None:
        typing.desktop.close()


if __name__ == "__main__":
    main()

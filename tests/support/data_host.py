"""What surrounds the Transfer workspace, without a window: a store, settings, an engine that answers when it is told to, a data set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from fake_engine import FakeEngine
from fake_host import FakeSettings
from PIL import Image
from PySide6.QtCore import QObject, Signal

from explorer.core.data_sets import DataClass, DataPicture, DataSet
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session.session import Session
from explorer.ui.state import Store


class DataHost(QObject):
    """A `WorkspaceHost` with what was said and opened."""

    captured, model_opened = Signal(object), Signal(object)
    parent_widget = picture = capture = None

    def __init__(self, **settings: str) -> None:
        super().__init__()
        self.engine = FakeEngine()
        self.client, self.settings, self.state = self.engine.client, FakeSettings(**settings), Store(self)
        self.state.amend(model=ModelSpec("net"), input=InputRef("clipboard"))
        self.card: ModelCard | None = None
        self.words: list[str] = []
        self.opened: list[InputRef] = []
        self.front = ""

    @property
    def session(self) -> Session:
        return self.state.session

    def change(self, **fields: Any) -> None:
        self.state.update(**fields)

    def say(self, words: str) -> None:
        self.words.append(words)

    def fail(self, failure: Failure) -> None:
        self.words.append(failure.text)

    def open_input(self, ref: InputRef) -> None:
        self.opened.append(ref)

    def show_workspace(self, name: str) -> None:
        self.front = name


class FakeCamera(QObject):
    """A camera that sends what a test gives it."""

    frame, failed = Signal(object), Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.running, self.wanted, self.starts, self.device = False, 0, 0, ""

    def cameras(self) -> list[tuple[str, str]]:
        return [("one", "First"), ("two", "Second")]

    def start(self, device: str = "") -> None:
        self.running, self.starts, self.device = True, self.starts + 1, device

    def stop(self) -> None:
        self.running = False

    def ready(self) -> None:
        self.wanted += 1

    def send(self, level: int = 100) -> None:
        """A grey picture."""
        self.frame.emit(np.full((48, 64, 3), level, np.uint8))


def data_set(name: str = "pets", counts: tuple[int, ...] = (3, 2), **fields: Any) -> DataSet:
    """With so many pictures in "class 0", "class 1" …, in no folder."""
    classes = tuple(
        DataClass(f"class {n}", tuple(DataPicture(f"class {n}/{i}.png", f"class {n}") for i in range(count)))
        for n, count in enumerate(counts)
    )
    folder = f"{name.removeprefix('demo:')} folder" if name.startswith("demo:") else name
    return DataSet(name, folder, classes, **fields)


def write_classes(folder: Path, **counts: int) -> Path:
    """A folder of classes with so many pictures each."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            Image.new("RGB", (8, 8), (i, 0, 0)).save(folder / name / f"{i}.png")
    return folder


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """A folder that nothing can be written into: there is a file in its place, for root may write everywhere."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)

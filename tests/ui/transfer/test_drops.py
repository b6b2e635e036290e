"""What is let go over the window: the workspace in front is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from explorer.ui.opening import Opening


class Front:
    """A workspace that takes folders named "pets"."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = []

    def take_paths(self, paths: Sequence[str]) -> bool:
        self.taken.append(list(paths))
        return "pets" in paths


@pytest.mark.parametrize(
    ("front", "paths", "taken", "opened"),
    [
        ("transfer", ["pets"], [["pets"]], []),
        ("transfer", ["a.png"], [["a.png"]], [["a.png"]]),
        ("explore", ["pets"], [], [["pets"]]),
    ],
)
def test_the_workspace_in_front_may_take_it(
    front: str, paths: list[str], taken: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, others = Front(), []
    whole: Any = SimpleNamespace(window=SimpleNamespace(workspace=front), views={"transfer": view})
    monkeypatch.setattr("explorer.ui.opening.SessionFiles", lambda *_: SimpleNamespace(open=None))
    opening = Opening(whole)
    monkeypatch.setattr(opening, "open_paths", others.append)
    opening.open_dropped(paths)
    assert (view.taken, others) == (taken, opened)

"""Windows that are closed at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from windows import rest, windows


@pytest.fixture
def window(qapp: Any) -> Iterator[Callable[..., Any]]:
    """Opens a window as at a start of the application; nothing is shown in it yet."""
    with windows() as opened:
        yield opened


@pytest.fixture
def settle(qtbot: Any) -> Callable[[Any], None]:
    """Waits until nothing is to come any more."""
    return lambda app: rest(qtbot, app)

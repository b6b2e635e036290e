"""Windows of tests that bring packages of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver import windows


@pytest.fixture
def window(qapp: Any) -> Iterator[Callable[..., Any]]:
    """Opens a window as at a start of the application and answers with its driver; nothing is shown in it yet."""
    with windows() as opened:
        yield opened

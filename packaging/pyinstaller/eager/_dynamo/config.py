"""Settings of the compiler that are read while nothing is compiled."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

error_on_nested_fx_trace = True
compiled_autograd = False


def patch(*args: Any, **kwargs: Any) -> nullcontext[None]:
    """Settings of what is not there do not change."""
    return nullcontext()

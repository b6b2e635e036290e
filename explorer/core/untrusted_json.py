"""JSON that anybody may have written."""

from __future__ import annotations

import json
from typing import Any


def parsed(text: str | bytes) -> Any:
    """The value. Raises ValueError for whatever is wrong with it, too deep a nesting too."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parsed_table(text: str | bytes) -> dict[str, Any]:
    """A table; {} for whatever is none."""
    try:
        held = parsed(text)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}

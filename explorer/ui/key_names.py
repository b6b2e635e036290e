"""How keys are written for a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence

_NAMES = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "PgDown": "PgDn"}
_ARROWS = frozenset("←→↑↓")


def shown(key: str) -> str:
    """Ctrl+Shift+C -> Ctrl + Shift + C."""
    held, last = _parts(key)
    return " + ".join((*held, last))


def joined(keys: Sequence[str]) -> str:
    """Several keys in one: J  K; Alt + ← →; Ctrl + 1 … 7. Those that are held must be the same."""
    held, last = _parts(keys[0])[0], [_parts(key)[1] for key in keys]
    if len(last) > 2 and all(name.isdigit() for name in last):
        last = [f"{last[0]} … {last[-1]}"]
    return " + ".join((*held, (" " if _ARROWS.issuperset(last) else "  ").join(last)))


def _parts(key: str) -> tuple[tuple[str, ...], str]:
    """What is held, and what is pressed."""
    *held, last = key.split("+")
    return tuple(held), _NAMES.get(last, last)

"""How numbers and words are written beside pictures."""

from __future__ import annotations

import html
import math

from explorer.core import glossary, number_words
from explorer.core.translation import tr

number = number_words.number
_UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def signed(value: float, digits: int = 2) -> str:
    """A weight: always with its sign."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def points(value: float) -> str:
    """Percentage points gained or lost: +4.5, −0.3, 0.0; what is not nothing is never written as 0.0."""
    if math.isnan(value):
        return "NaN"
    if 0 < abs(value) < 0.05:
        return "+<0.1" if value > 0 else "−<0.1"
    return f"{value:+.1f}".replace("-", "−") if value else "0.0"


def count(value: int) -> str:
    """3 500 000 -> 3.5 M."""
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.1f} {unit}"
    return str(value)


def percent(share: float) -> str:
    """0.749 -> 74.9 %; what is not nothing is never written as 0.0 %."""
    if math.isnan(share):
        return "NaN"
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.1f} %"


def shape(sizes: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in sizes)


def tip(words: str) -> str:
    """Words for a tool tip: Qt takes what looks like HTML for HTML, and files and layers may be called anything."""
    return f"<qt>{html.escape(words)}</qt>".replace("\n", "<br>") if "<" in words else words


def explained(words: str) -> str:
    """A line for a tool tip: the terms in it that the glossary explains; "" where there are none."""
    found = glossary.terms_in(words)
    return tr("F1 explains: {names_of}", names_of=glossary.names_of(found[:4])) if found else ""


def shortened(name: str, most: int) -> str:
    """At most so many characters: the middle is left out."""
    return name if len(name) <= most else name[: most // 2] + "…" + name[-(most // 2 - 1) :]

"""How a value is written, in the window and in figures: short, with a true minus, never more digits than are known."""

from __future__ import annotations

import math


def number(value: float, digits: int = 3, trimmed: bool = False) -> str:
    """A value to about `digits` significant digits: 1.16, −0.012, 2.3e−5, NaN, ∞. `trimmed`: without zeros at its end."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0:
        return "0"
    text, power = f"{value:.{max(digits - 1 - math.floor(math.log10(size)), 0)}f}", ""
    if size >= 1e6 or size < 1e-3:
        text, _, exponent = f"{value:.{max(digits - 2, 0)}e}".partition("e")
        power = f"e{int(exponent)}"
    if trimmed and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{power}".replace("-", "−")

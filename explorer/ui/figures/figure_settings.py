"""How the last figure was drawn: remembered between starts."""

from __future__ import annotations

from typing import Literal

from explorer.core.figure.figure_parts import DPIS, FONTS, WIDTHS, FigureStyle
from explorer.ui.settings import Settings

_USUAL = FigureStyle()


def remembered_style(settings: Settings) -> FigureStyle:
    """What is unreadable or out of range is as usual."""
    theme: Literal["light", "dark"] = "dark" if settings.text("figure/theme") == "dark" else "light"
    width = _within(settings.text("figure/width"), WIDTHS, _USUAL.width_mm)
    dpi = round(_within(settings.text("figure/dpi"), DPIS, _USUAL.dpi))
    font = _within(settings.text("figure/font"), FONTS, _USUAL.font_pt)
    numbers, bar, caption = (settings.number(f"figure/{part}", 1) == 1 for part in ("numbers", "colour_bar", "caption"))
    return FigureStyle(width, dpi, font, theme, numbers, bar, caption)


def remember_style(settings: Settings, style: FigureStyle) -> None:
    """For the next figure."""
    settings.put("figure/theme", style.theme)
    settings.put("figure/width", repr(style.width_mm))
    settings.put("figure/dpi", style.dpi)
    settings.put("figure/font", repr(style.font_pt))
    for name, on in (("numbers", style.numbers), ("colour_bar", style.colour_bar), ("caption", style.caption)):
        settings.put(f"figure/{name}", int(on))


def _within(text: str, limits: tuple[float, float], usual: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return usual
    return value if limits[0] <= value <= limits[1] else usual

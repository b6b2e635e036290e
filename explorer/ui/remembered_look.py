"""Names of the settings about the look of the window, and what they hold."""

from __future__ import annotations

from explorer.ui import text_size
from explorer.ui.settings import Settings

THEME, TEXT = "theme", "text size"


def remembered_percent(settings: Settings) -> int:
    """The size of text that was set last; the usual one for what no step is."""
    percent = settings.number(TEXT, text_size.USUAL)
    return percent if percent in text_size.STEPS else text_size.USUAL

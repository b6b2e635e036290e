"""Which frame of what moves is painted next."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.layer_views import Sheet
from explorer.ui.features.store import FeatureStore
from explorer.ui.live import LiveControl

Sheets = Mapping[int, Sheet | None]


class FrameTurns:
    """The frame that is on its way is drawn before a newer one is asked for, in all panes at once: else none ever would be."""

    def __init__(self, live: LiveControl, store: FeatureStore, slot: str) -> None:
        self._live, self._store, self._slot = live, store, slot
        self._frame: Sheets | None = None  # the one that is on its way

    def take(self, sheets: Sheets) -> Sheets:
        """The sheets by pane that are to be drawn, of the newest ones and those that are on their way."""
        before, self._frame = self._frame, sheets if self._live.playing else None
        if self._frame is None or before is None or _layers(before) != _layers(sheets):
            return sheets
        self._frame = before if self._store.waits(self._slot) else None
        return before


def _layers(sheets: Sheets) -> dict[int, tuple[str, str] | None]:
    """Which layer of which model each pane is painted from, whatever the picture; None for one that has nothing yet."""
    return {key: None if sheet is None else (sheet.key[0], sheet.tap) for key, sheet in sheets.items()}

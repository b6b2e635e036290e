"""Rollout, relevance and norms on the page of Explore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.ui.understand.flows import Flows

if TYPE_CHECKING:
    from explorer.ui.controller import Controller
    from explorer.ui.understand.attention_tab import AttentionTab


class AttentionFlows(Flows):
    """Says on the page how far they are."""

    def __init__(self, controller: Controller, tab: AttentionTab) -> None:
        super().__init__(controller.desk)
        self._tab = tab

    def said(self, words: str) -> None:
        super().said(words)
        self._tab.set_note(words)

    def ran(self, fraction: float | None, again: bool = False) -> None:
        super().ran(fraction, again)
        self._tab.set_running(fraction, again)

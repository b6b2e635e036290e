"""Rollout, relevance and norms: asked for when their mode is looked at, kept, stopped when it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.attending import FlowAsked
from explorer.core.attention import Flow, TokenNorms
from explorer.core.types import Capture
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller
    from explorer.ui.understand.attention_tab import AttentionTab

Found = Flow | tuple[TokenNorms, ...]
Key = tuple[str, str, FlowAsked | None]  # model, picture, what is asked; None: norms
_KEPT = 32


class AttentionFlows:
    """What was stopped is not begun again until somebody asks for it."""

    def __init__(self, controller: Controller, tab: AttentionTab) -> None:
        self._c, self._tab = controller, tab
        self._wanted = Wanted()
        self._key: Key | None = None  # of what runs
        self._stopped: Key | None = None
        self._found: dict[Key, Found] = {}

    @property
    def waiting(self) -> bool:
        return self._key is not None

    def get(self, capture: Capture, asked: FlowAsked | None) -> Found | None:
        """What is known of it; asks for it where nothing is."""
        key = (capture.model, capture.picture.digest, asked)
        if key != self._key:
            self.leave()
        found = self._found.get(key)
        if found is None and key not in (self._key, self._stopped):
            self._key, self._stopped = key, None
            self._tab.set_note("")
            if asked is None:
                self._wanted.ask(work.NORMS, self._c.desk.norms(capture))
            else:
                self._wanted.ask(work.FLOW, self._c.desk.flow(capture, asked))
        self._tab.set_running(0.0 if self.waiting else None, again=found is None)
        return found

    def toggle(self) -> bool:
        """Stops what runs, or lets what was stopped run again; whether it may run now."""
        stopped = self._key
        self.leave()
        self._stopped = stopped
        self._tab.set_running(None, again=stopped is not None)
        self._tab.set_note("Stopped." if stopped is not None else "")
        return stopped is None

    def leave(self) -> None:
        """What runs is not wanted any more."""
        self._key = None
        for key in (work.FLOW, work.NORMS):
            if self._wanted.drop(key):
                self._c.desk.drop_study(key)
        self._tab.set_running(None)

    def receive(self, event: Event) -> bool:
        """Whether something has come that is to be drawn."""
        if not self._wanted.takes(event) or self._key is None:
            return False
        if event.progress is not None:
            self._tab.set_running(event.progress.fraction or 0.0)
            return False
        if event.partial:
            return False
        key, self._key = self._key, None
        if event.value is not None:
            self._found[key] = event.value
            for old in list(self._found)[:-_KEPT]:
                del self._found[old]
        else:
            self._stopped = key  # what failed is not tried again by itself
            self._tab.set_note(event.failure.text if event.failure is not None else "Stopped.")
        self._tab.set_running(None, again=event.value is None)
        return event.value is not None

"""Rollout, relevance and norms: asked for when they are looked at, kept, stopped when they are left. Knows no widgets."""

from __future__ import annotations

from explorer.core.activations import Capture
from explorer.core.attention import Flow, TokenNorms
from explorer.core.attention_queries import FlowAsked
from explorer.core.interventions import UNEDITED, Under, digest_of
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.jobs.runner import Event
from explorer.ui.understand.place import Wanted

Found = Flow | tuple[TokenNorms, ...]
Key = tuple[str, str, str, FlowAsked | None]  # model, picture, edits, what is asked; None: norms
_KEPT = 32


class Flows:
    """What was stopped or has failed is not begun again until somebody asks for it, or for something else."""

    def __init__(self, desk: Desk, flow: str = work.FLOW, norms: str = work.NORMS) -> None:
        self._desk, self._flow, self._norms = desk, flow, norms
        self._wanted = Wanted()
        self._key: Key | None = None  # of what runs
        self._stopped: Key | None = None
        self._found: dict[Key, Found] = {}
        self.failed = self.progress = ""  # why there is nothing; how far it is, in words
        self.fraction: float | None = None  # the same as a share, None: nothing runs
        self.again = False  # whether it was stopped and may be run

    @property
    def waiting(self) -> bool:
        return self._key is not None

    def said(self, words: str) -> None:
        """Why there is nothing, "" while it is computed."""
        self.failed = words

    def ran(self, fraction: float | None, again: bool = False) -> None:
        """How far it is."""
        self.fraction, self.again = fraction, again

    def get(self, capture: Capture, asked: FlowAsked | None, under: Under = UNEDITED) -> Found | None:
        """What is known of it; asks for it where nothing is."""
        key = (capture.model, capture.picture.digest, digest_of(under.edits), asked)
        if key != self._key:
            self.leave()
        found = self._found.get(key)
        if found is None and key not in (self._key, self._stopped):
            self._key, self._stopped, self.progress = key, None, ""
            self.said("")
            if asked is None:
                self._wanted.ask(self._norms, self._desk.norms(capture, self._norms))
            else:
                self._wanted.ask(self._flow, self._desk.flow(capture, asked, self._flow, under))
        self.ran(0.0 if self.waiting else None, again=found is None)
        return found

    def toggle(self) -> bool:
        """Stops what runs, or lets what was stopped run again; whether it may run now."""
        stopped = self._key
        self.leave()
        self._stopped = stopped
        self.ran(None, again=stopped is not None)
        self.said("Stopped." if stopped is not None else "")
        return stopped is None

    def leave(self) -> None:
        """What runs is not wanted any more."""
        self._key = None
        for key in (self._flow, self._norms):
            if self._wanted.drop(key):
                self._desk.drop_study(key)
        self.ran(None)

    def receive(self, event: Event) -> bool:
        """Whether something has come that is to be drawn."""
        if not self._wanted.takes(event) or self._key is None:
            return False
        if event.progress is not None:
            self.progress = event.progress.text
            self.ran(event.progress.fraction or 0.0)
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
            self.said(event.failure.text if event.failure is not None else "Stopped.")
        self.ran(None, again=event.value is None)
        return event.value is not None

"""What surrounds the Compare workspace, as far as its parts may know and change it."""

from __future__ import annotations

from typing import Protocol

from explorer.core.any_input import Input
from explorer.core.errors import Failure
from explorer.core.interventions import Edits, Frozen
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session.session import Session
from explorer.engine.desk import Desk
from explorer.ui.features.store import FeatureStore
from explorer.ui.jobs.client import JobClient
from explorer.ui.live import LiveControl
from explorer.ui.settings import Settings
from explorer.ui.state import Store


class Edited(Protocol):
    """The edits that are active in Explore."""

    def of(self, model: str) -> Edits:
        """Those of the model with this digest; () where another one is open."""

    def frozen(self) -> Frozen:
        """The values that they freeze."""


class CompareHost(Protocol):
    """The engine, Explore's model and input, and what the window says."""

    state: Store
    desk: Desk
    client: JobClient
    settings: Settings
    live: LiveControl
    store: FeatureStore

    @property
    def session(self) -> Session: ...

    @property
    def card(self) -> ModelCard | None: ...

    @property
    def picture(self) -> Input | None: ...

    @property
    def interventions(self) -> Edited: ...

    def trusts(self, spec: ModelSpec) -> bool: ...

    def asked_anew(self) -> None: ...

    def fail(self, failure: Failure) -> None: ...

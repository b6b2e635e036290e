"""Pictures that are enlarged, connections of layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.session.session import Session
from tests.pictures.picture_state import State, explore, large


def _pair(app: Any) -> None:
    page = app.page("attribution")
    page.toggle()
    app.rest()
    page.check.click()
    app.rest()
    page.twin.enlarge()


def _map(app: Any) -> None:
    app.explore.channel.map.view.enlarge()


def room_states() -> Mapping[str, State]:
    """Results that have room."""
    one: Session = explore("stage2.0")
    return {
        "enlarged-map": State(one, _map),
        "enlarged-pair": State(explore("stage3.1", "attribution"), _pair),
        "strip-one-map": State(explore("stage2.0", single=True)),
        "strip-many": State(large()),
    }

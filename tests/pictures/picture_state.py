"""What the states of all workspaces are made of: a session, and what a hand does in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from explorer.methods.health.spec import HealthParams
from tests.benchmarks import scenario

WORLD = InputRef("sample", "world-14-star-checks")
CNN, BARE, VIT = (ModelSpec(f"demo:{name}") for name in ("shapes-cnn", "shapes-cnn-untrained", "shapes-vit"))


@dataclass(frozen=True, slots=True)
class State:
    """`session` is opened; `act` is what a hand does then; `dialog` opens a dialog and comes back when it is closed."""

    session: Session
    act: Callable[[Any], None] | None = None
    dialog: Callable[[Any], None] | None = None


def explore(tap: str, page: str = "values", model: ModelSpec = CNN, **more: Any) -> Session:
    """A layer of a model on a picture."""
    return Session(model, tap=tap, page=page, **{"input": WORLD, "channel": 5, **more})


def other(model: str, sample: str, tap: str, page: str) -> Session:
    """A network that hears or reads."""
    return explore(tap, page, ModelSpec(f"demo:{model}"), input=InputRef("sample", sample))


def large() -> Session:
    """A network of torchvision."""
    return explore("features.0.0", model=scenario.spec("mobilenet_v2"), input=InputRef("sample", "cat"))


def run(page: str) -> Callable[[Any], None]:
    """Starts the method of a page."""
    return lambda app: app.page(page).toggle()


def health(app: Any) -> None:
    """Over the pictures that ship with the project."""
    app.page("health").set_params(HealthParams(Over("gallery")))
    app.page("health").toggle()

"""The driver itself: every name on its page objects leads to something in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driver import Driver

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec


def parts(part: Any) -> Iterator[Any]:
    """A page object and those in it."""
    yield part
    for below in vars(part).values():
        if type(below).__module__.startswith("driver"):
            yield from parts(below)


@pytest.fixture
def app(window: Callable[..., Driver]) -> Driver:
    app = window()
    app.start(ModelSpec("demo:shapes-vit"), InputRef("sample", "cat"))
    app.wait_capture()
    app.rest()
    return app


def test_every_name_leads_somewhere(app: Driver) -> None:
    pages = [app.page(name) for name in ("arithmetic", "attribution", "ablation", "maximise", "health", "attention")]
    for page in pages:
        app.open_page(page.name)
        app.rest()
    app.compare.start()
    app.turn_to("compare")
    app.rest()
    broken = []
    for part in (*parts(app), *pages, *app.compare.columns):
        for name in dir(type(part)):
            if isinstance(getattr(type(part), name), property):
                try:
                    getattr(part, name)
                except AttributeError as error:
                    broken.append(f"{type(part).__name__}.{name}: {error}")
    assert broken == []

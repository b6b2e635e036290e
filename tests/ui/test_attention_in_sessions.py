"""What is chosen on the page Attention is in a session file, and comes back; a hostile file changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import from_json, to_json


@pytest.fixture
def opened(window: Callable[..., Any]) -> Callable[[], Any]:
    def one() -> Any:
        app = window()
        app.start(ModelSpec("demo:shapes-vit"), InputRef("sample", "cat"))
        app.wait_capture()
        app.rest()
        app.open_page("attention")
        app.rest()
        return app

    return one


def test_mode_head_direction_and_token_come_back(opened: Callable[[], Any]) -> None:
    app = opened()
    page = app.pages.page("attention")
    page.view.set_mode("blocks")
    page.view.direction.setCurrentIndex(1)
    page.view.mass.setValue(35)
    page.view.one_scale.setChecked(True)
    page.choose((30.0, 41.5))
    page.choose_head(1)
    app.rest()
    text, before = to_json(app.whole_session()), page.page_choices()
    again = opened()
    other = again.pages.page("attention")
    assert other.page_choices() != before
    again.restore(from_json(text))
    again.rest()
    assert other.page_choices() == before
    assert (other.view.mode, other.head, other.view.to) == ("blocks", 1, True)
    assert other.query == page.query


def test_what_cannot_be_is_passed_over(opened: Callable[[], Any]) -> None:
    app = opened()
    data = json.loads(to_json(app.whole_session()))
    wrong = {"mode": "smell", "direction": 99, "fusion": -1, "start": "x", "mass": 1e9, "head": True, "spot": [1, "a"]}
    data["pages"] = [["attention", json.dumps(wrong)], ["attention", "[" * 5000], ["nothing", "{}"]]
    app.restore(from_json(json.dumps(data)))
    app.rest()
    assert app.pages.page("attention").head is None
    assert not app.failures

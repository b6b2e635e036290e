"""A session file holds what Explore shows and has set: edits with what they freeze, the open page, parameters of methods."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of
from explorer.core.models import ModelSpec
from explorer.core.session.session import from_json, to_json


@pytest.fixture
def opened(window: Callable[..., Any]) -> Callable[[], Any]:
    def one() -> Any:
        app = window()
        app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
        app.wait_capture()
        app.rest()
        return app

    return one


def test_edits_page_and_parameters_come_back(opened: Callable[[], Any]) -> None:
    app = opened()
    app.change(tap="stem", channel=2)
    app.rest()
    page = app.page("ablation")
    app.open_page("ablation")
    app.rest()
    page.edit("freeze")
    app.change(channel=1)
    page.edit("zero")
    app.rest()
    assert len(page.edits) == 2
    statistics = app.page("channel-statistics")
    statistics.set_params(type(statistics.params)(bins=7))
    app.open_page("channel-statistics")
    before, text = app.shown.maps.copy(), to_json(app.whole_session())
    statistics.set_params(type(statistics.params)())

    again = opened()
    again.restore(from_json(text))
    again.rest()
    assert again.page("ablation").edits == page.edits
    assert again.capture.edits == digest_of(page.edits)
    assert np.array_equal(again.shown.maps, before)
    assert not again.shown.maps[1].any()
    assert again.explore.channel.page == "channel-statistics"
    assert again.page("channel-statistics").params.bins == 7


def test_a_session_without_edits_takes_them_away_and_an_older_file_opens(opened: Callable[[], Any]) -> None:
    app = opened()
    plain = to_json(app.whole_session())
    app.change(tap="stem", channel=1)
    app.page("ablation").put((Edit("stem", (1,)),))
    app.rest()
    assert app.capture.edits
    data = json.loads(plain)
    for name in ("edits", "page", "methods"):
        del data[name]
    app.restore(from_json(json.dumps(data)))
    app.rest()
    assert not app.capture.edits
    assert app.page("ablation").edits == ()


@pytest.mark.parametrize(
    "more", [{"edits": [{"tap": "a", "mode": "blur"}]}, {"methods": [["a"]]}, {"page": 3}, {"edits": 5}]
)
def test_what_cannot_be_is_no_session(more: dict[str, Any]) -> None:
    from explorer.core.errors import ExplorerError

    with pytest.raises(ExplorerError, match="not a session"):
        from_json(json.dumps({"format": 1, **more}))

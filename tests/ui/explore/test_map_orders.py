"""Maps in the order of what a class gains from each channel, through the window; a class that is clicked is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core.channel_scores import ScoredBy
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.render import SortKey


@pytest.fixture
def shapes(window: Callable[..., Any]) -> Any:
    app = window()
    app.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    app.rest()
    app.change(tap="stage3.1")
    app.rest()
    return app


def orders_shown(app: Any) -> tuple[int, ...]:
    return tuple(int(channel) for channel in app.shown.order)


def test_value_here_follows_the_cell(shapes: Any) -> None:
    shapes.change(sort=SortKey.HERE, cell=(2, 3))
    maps = shapes.capture.values["stage3.1"]
    assert orders_shown(shapes) == tuple(np.argsort(-maps[:, 2, 3], kind="stable"))
    shapes.change(cell=(0, 1))
    assert orders_shown(shapes) == tuple(np.argsort(-maps[:, 0, 1], kind="stable"))


def test_an_order_follows_class_input_and_way_back(shapes: Any) -> None:
    shapes.orders.ask(ScoredBy.GRADIENT)
    shapes.rest()
    first, labels = shapes.session.order, shapes.card.labels
    assert first.by == f"grad × act, {labels[shapes.capture.prediction[0].index]}"
    assert orders_shown(shapes) == first.channels
    other = shapes.capture.prediction[1].index
    shapes.explore.input.prediction.chosen.emit(other)
    shapes.rest()
    assert shapes.session.order.by == f"grad × act, {labels[other]}"
    assert shapes.session.order.channels != first.channels
    before = shapes.session.order.channels
    shapes.open_input(InputRef("sample", "balls"))
    shapes.rest()
    assert shapes.session.order.channels != before
    shapes.change(sort=SortKey.INDEX)
    assert orders_shown(shapes) == tuple(range(96))
    shapes.rest()
    assert shapes.session.sort is SortKey.INDEX


def test_a_chosen_class_is_explained(shapes: Any) -> None:
    shapes.open_page("arithmetic")
    index = shapes.capture.prediction[1].index
    shapes.explore.input.prediction.chosen.emit(index)
    assert shapes.session.page == "attribution"
    shapes.rest()
    result = shapes.pages.page("attribution").result
    assert result is not None
    assert result.target.channel == index

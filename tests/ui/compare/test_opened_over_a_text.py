"""A session of Compare on a picture, opened while a text is: no column gets an input of its own meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from tests.pictures.compare_states import compare
from tests.pictures.picture_state import CNN, WORLD

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_the_columns_wait_for_the_input_that_they_share(window: Callable[..., Any]) -> None:
    app = window(size=(1280, 800))
    text = InputRef("text", "we felt glad that we came")
    app.start(ModelSpec("demo:sentences-transformer"), text)
    app.wait_capture()
    app.restore(compare(CNN, CNN))
    app.rest()
    assert [column.input for column in app.compare.doc.columns] == [None, None]
    assert [column._view.picture.ref for column in app.compare.columns] == [WORLD, WORLD]
    assert [column.tap for column in app.compare.doc.columns] == ["stage2.0.relu2"] * 2

"""The large maps of different networks as shares of their whole, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hands import point
from looks import shown_map

Compare = Callable[..., Any]


def test_both_maps_are_their_shares_on_one_scale(compare: Compare) -> None:
    app = compare("one", "crop")
    control, (one, crop) = app.compare, app.compare.columns
    control.scrub(0, 0)
    control.select(0, 2)
    control.select(1, 1)
    plain = shown_map(one.channel)
    app.compare.share.click()
    for view, channel in ((one, 2), (crop, 1)):
        sizes = np.abs(view.shown.maps[channel].astype(np.float64))
        np.testing.assert_allclose(shown_map(view.channel), 100 * sizes / sizes.sum())
        assert shown_map(view.channel).sum() == pytest.approx(100)
    cells = [shown_map(view.channel).size for view in (one, crop)]
    top = [view.channel.limits.of(0)[1] for view in (one, crop)]
    assert cells[0] != cells[1]
    assert top[0] * cells[0] == pytest.approx(top[1] * cells[1])
    assert max(shown_map(v.channel).max() / t for v, t in zip((one, crop), top, strict=True)) == pytest.approx(1)
    control.select(0, 4)
    sizes = np.abs(one.shown.maps[4].astype(np.float64))
    np.testing.assert_allclose(shown_map(one.channel), 100 * sizes / sizes.sum())
    assert "% of Σ|value|" in one.channel.accessibleDescription()
    app.compare.share.click()
    control.select(0, 2)
    np.testing.assert_array_equal(shown_map(one.channel), plain)
    assert "mean" in one.channel.accessibleDescription()


def test_it_is_offered_where_architectures_differ_and_a_vector_has_none(compare: Compare) -> None:
    app = compare("one", "other")
    assert not app.compare.share.isVisible()
    app = compare("one", "crop")
    control, (one, _) = app.compare, app.compare.columns
    assert app.compare.share.isVisible()
    app.compare.share.click()
    control.scrub(0, len(one.layers) - 1)
    assert one.shown.maps is None
    assert shown_map(one.channel) is None
    app.rest()


def test_narrow_columns_make_room_for_it_beneath_the_picture(compare: Compare) -> None:
    app = compare("one", "crop", "other")
    control, (one, *_) = app.compare, app.compare.columns
    control.scrub(0, 0)
    app.qt.processEvents()
    assert one.panel.width() < 500
    assert not one.channel.isVisible()
    app.compare.share.click()
    app.qt.processEvents()
    assert one.channel.isVisible()
    assert one.channel.y() >= one.image.geometry().bottom()
    point(one.channel, one.channel.picture.center().toPoint())
    assert control.pointed is not None
    app.compare.share.click()
    app.qt.processEvents()
    assert not one.channel.isVisible()
    app.rest()

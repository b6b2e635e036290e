"""Names along a matrix of attention never lie over each other."""

from __future__ import annotations

import pytest

from explorer.ui.graphics.token_axis import places_apart


@pytest.mark.parametrize("each", [0.05, 0.27, 0.9, 1.0, 4.0, 10.0, 40.0])
def test_names_have_room_however_many_tokens_there_are(each: float) -> None:
    apart = places_apart(each)
    assert apart * each >= 10
    assert apart == 1 or (apart - 1) * each < 10.2  # and no fewer names than that

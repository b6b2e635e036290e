"""What a person types as a set of channels."""

from __future__ import annotations

import pytest

from explorer.core.direction import parse_direction
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import Objective


@pytest.mark.parametrize(
    ("text", "channels", "weights"),
    [
        ("3", (3,), ()),
        ("3, 7 12", (3, 7, 12), ()),
        ("3, -7", (3, 7), (1, -1)),
        ("3 \N{MINUS SIGN}7", (3, 7), (1, -1)),
        ("0.5*3 + 2*9", (3, 9), (0.5, 2)),
        ("-0.5*0", (0,), (-0.5,)),
    ],
)
def test_channels_and_weights(text: str, channels: tuple[int, ...], weights: tuple[float, ...]) -> None:
    found = parse_direction(text)
    assert found == (channels, weights)
    assert Objective("tap", *found).channels == channels


@pytest.mark.parametrize(
    "text", ["", " , ", "x", "3.5", "1*", "*3", "0*3", "nan*3", "inf*3", "3 3", "--3", "999999999", "٣"]
)
def test_what_is_none_is_said(text: str) -> None:
    with pytest.raises(ExplorerError) as error:
        parse_direction(text)
    assert error.value.what
    assert error.value.todo

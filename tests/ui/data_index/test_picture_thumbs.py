"""Small pictures of what an index has."""

from __future__ import annotations

import numpy as np
from fake_engine import FakeEngine

from explorer.core.example_pictures import ExampleAsked, ExamplePicture
from explorer.core.inputs import InputRef
from explorer.ui.data_index.picture_thumbs import PictureThumbs


def test_a_sound_is_as_high_as_its_tile_and_a_picture_keeps_its_shape() -> None:
    """A spectrogram ten times as wide as high was a line."""
    engine, shown = FakeEngine(), {}
    thumbs = PictureThumbs(engine.client, "thumbs", 72, shown.update)
    asked = {name: ExampleAsked(InputRef(name, name), (0, 0)) for name in ("sound", "picture")}
    thumbs.want(asked, "", None)
    flat = np.arange(8 * 72 * 3, dtype=np.uint8).reshape(8, 72, 3)
    found = (
        ExamplePicture(asked["sound"], crop=flat, samples=np.zeros((1, 8), np.float32), rate=8),
        ExamplePicture(asked["picture"], crop=flat),
    )
    engine.answer(found)
    assert shown["picture"].shape == (8, 72, 3)
    assert shown["sound"].shape == (48, 72, 3)
    assert np.array_equal(shown["sound"][::6], flat)

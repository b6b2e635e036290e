"""Films hold the frames that were given, and no encoder under the GPL is asked."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.engine.film_file import ENCODERS, film_bytes, suffix_of_film


def frames() -> list[Any]:
    """A bright square that moves over a dark ground; the last frame is smaller."""
    found = []
    for at in range(5):
        frame = np.full((65, 97, 3), 30, np.uint8)
        frame[8:40, 10 * at : 10 * at + 32] = (220, 160, 60)
        found.append(frame)
    return [*found, found[0][:33]]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_frames_come_back(suffix: str) -> None:
    content = film_bytes(frames(), 5, suffix)
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name in ("mpeg4", "vp9", "libvpx-vp9")
        assert float(stream.average_rate) == pytest.approx(5)
        read = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(read) == 6
    for true, seen in zip(frames(), read, strict=True):
        assert seen.shape == (66, 98, 3)
        height, width = true.shape[:2]
        assert np.abs(seen[:height, :width].astype(int) - true).mean() < 6
    assert read[-1][50, 50].min() > 240  # the paper around the smaller one


def test_a_gif_holds_its_frames_exactly() -> None:
    with Image.open(io.BytesIO(film_bytes(frames(), 5, ".gif"))) as image:
        assert image.n_frames == 6  # type: ignore[attr-defined]
        assert image.info["duration"] == 200
        for number, true in enumerate(frames()):
            image.seek(number)
            assert np.array_equal(np.asarray(image.convert("RGB"))[: true.shape[0], : true.shape[1]], true)


def test_no_encoder_is_under_the_gpl() -> None:
    assert not {"libx264", "libx264rgb", "libx265", "libxvid"} & set(ENCODERS.values())


def test_what_is_no_film_is_refused() -> None:
    with pytest.raises(ExplorerError, match=r"\.mp4, \.webm or \.gif"):
        suffix_of_film("film.avi")
    with pytest.raises(ExplorerError, match="nothing to film"):
        film_bytes([], 5, ".gif")

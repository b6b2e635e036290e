"""Small videos whose frames carry their own number as ten black or white bars."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 10
WIDTH, HEIGHT = 160, 64


def numbered(number: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 3): bar b is white when bit b of the number is set; the lower half moves, so that there is motion."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for bit in range(BITS):
        image[: HEIGHT // 2, bit * 16 : (bit + 1) * 16] = 255 * (number >> bit & 1)
    ramp = (np.arange(WIDTH) * 3 + number * 5) % 256
    image[HEIGHT // 2 :] = ramp[None, :, None].astype(np.uint8)
    return image


def number_in(pixels: np.ndarray) -> int:
    """The number that the bars of a decoded frame spell."""
    centres = pixels[8 : HEIGHT // 2 - 8, 8 : BITS * 16 : 16, 0].astype(float).mean(axis=0)
    return sum(1 << bit for bit in range(BITS) if centres[bit] > 127)


def write_video(
    path: Path,
    count: int = 90,
    codec: str = "mpeg4",
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
) -> Path:
    """Encode `count` numbered frames at 25 a second, a keyframe every 24."""
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = 24
        stream.bit_rate = 400_000
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path

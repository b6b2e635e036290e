"""Pictures as a film: MP4, WebM or GIF, by encoders that are not under the GPL (decision 0012).

MP4 is MPEG-4 part 2 by FFmpeg's own encoder (LGPL), WebM is VP9 by libvpx (BSD), GIF is written by Pillow (MIT-CMU). x264 and x265,
which some builds of FFmpeg link, are never asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

ENCODERS = {".mp4": "mpeg4", ".webm": "libvpx-vp9"}
SUFFIXES_OF_FILMS = (".mp4", ".webm", ".gif")
_MOST = 4000  # frames


def suffix_of_film(path: str) -> str:
    """.mp4, .webm or .gif. Raises ExplorerError for another."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES_OF_FILMS:
        raise ExplorerError(
            tr("{name} is no film.", name=Path(path).name[-60:]), "", tr("Its name must end in .mp4, .webm or .gif.")
        )
    return suffix


def film_bytes(
    frames: Iterable[Array], fps: float, suffix: str, paper: tuple[int, int, int] = (255, 255, 255)
) -> bytes:
    """(H, W, 3) uint8 frames, `fps` a second; smaller ones are put onto `paper` of the size of the largest, at the upper left.
    Raises ExplorerError without frames, with too many, or where the encoder is not there."""
    every = list(frames)
    if not every:
        raise ExplorerError(tr("There is nothing to film."), tr("No picture was drawn."))
    if len(every) > _MOST:
        raise ExplorerError(
            tr("The film would have {count:,} frames.", count=len(every)),
            tr("At most {most:,} are written.", most=_MOST),
        )
    height, width = (max(frame.shape[side] for frame in every) for side in (0, 1))
    size = height + height % 2, width + width % 2  # colours are stored for two by two pixels
    even = (_on_paper(frame, size, paper) for frame in every)  # one at a time
    return _gif(even, fps) if suffix == ".gif" else _encoded(even, size, fps, suffix)


def _on_paper(frame: Array, size: tuple[int, int], paper: tuple[int, int, int]) -> Array:
    whole = np.empty((*size, 3), np.uint8)
    whole[:] = paper
    whole[: frame.shape[0], : frame.shape[1]] = frame
    return whole


def _gif(frames: Iterable[Array], fps: float) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    first, *others = [Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE) for frame in frames]
    # a GIF counts hundredths of a second; equal frames are one, which keeps their whole duration
    first.save(
        buffer,
        "GIF",
        save_all=True,
        append_images=others,
        duration=max(round(100 / fps) * 10, 20),
        loop=0,
        optimize=False,
    )
    return buffer.getvalue()


def _encoded(frames: Iterable[Array], size: tuple[int, int], fps: float, suffix: str) -> bytes:
    import av

    buffer, (height, width) = io.BytesIO(), size
    rate = Fraction(fps).limit_denominator(1000)
    try:
        with av.open(buffer, "w", format=suffix[1:]) as container:
            stream: Any = container.add_stream(ENCODERS[suffix], rate=rate)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.bit_rate = int(max(2_000_000, 4 * width * height * min(float(rate), 30)))
            if suffix == ".webm":
                stream.options = {"deadline": "good", "cpu-used": "4", "row-mt": "1"}
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
    except (av.error.FFmpegError, ValueError) as error:
        why = tr("The encoder {encoders} said: {error}.", encoders=ENCODERS[suffix], error=error)
        raise ExplorerError(
            tr("The film could not be written as {suffix}.", suffix=suffix), why, tr("Choose .gif.")
        ) from None
    return buffer.getvalue()

"""Sound files for tests, written with FFmpeg's encoders, and the samples that went in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def noise(count: int, channels: int = 1, seed: int = 0, loud: float = 0.3) -> np.ndarray:
    """(channels, count) float32 in steps of 1 / 128, which every format holds exactly; smooth enough for lossy ones."""
    rng = np.random.default_rng(seed)
    smooth = np.stack(
        [np.convolve(rng.standard_normal(count + 63), np.hanning(64) / 8, "valid") for _ in range(channels)]
    )
    return (np.round(smooth * loud * 128).clip(-127, 127) / 128).astype(np.float32)


def encode(
    path: Path,
    samples: np.ndarray,
    rate: int,
    codec: str,
    kind: str,
    options: dict[str, str] | None = None,
    pictures: bool = False,
    late: int = 0,
) -> Path:
    """Writes (channels, T) floats -1 to 1 as `codec`, whose encoder takes samples of `kind`; `pictures`: as a video's sound,
    which begins `late` samples after them."""
    layout = LAYOUTS[len(samples)]
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=25) if pictures else None
        stream = out.add_stream(codec, rate=rate, layout=layout, options=options or {})
        stream.codec_context.format = kind
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            for number in range(10):
                picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * number, np.uint8), format="rgb24")
                picture.pts, picture.time_base = number, Fraction(1, 25)
                out.mux(video.encode(picture))
            out.mux(video.encode(None))
        packed = np.ascontiguousarray(samples.T, np.float32).reshape(1, -1)
        given = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        given.sample_rate, given.pts, given.time_base = rate, late, Fraction(1, rate)
        turned = av.AudioResampler(format=kind, layout=layout, rate=rate)
        waiting = av.AudioFifo()
        for frame in [*turned.resample(given), *turned.resample(None)]:
            waiting.write(frame)
        size = stream.codec_context.frame_size or 1024
        while (frame := waiting.read(size) or waiting.read(size, partial=True)) is not None:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path

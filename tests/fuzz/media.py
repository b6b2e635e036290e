"""Damaged pictures and videos: each gives finite values of its own size, or is refused in one line, at once, in little memory."""

from __future__ import annotations

import io
import random
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fuzz.in_reader import File, Fuzzed

_PICTURES = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF")
_MODES = ("RGB", "RGBA", "L", "P", "LA", "1", "I;16", "CMYK")
_VIDEOS = ((".mp4", "mpeg4"), (".avi", "mjpeg"), (".mkv", "ffv1"), (".webm", "libvpx"))
_FRAMES = 3  # that are read of a video
_SIZE = (21, 34)


def _files() -> list[File]:
    colours = np.random.default_rng(0).integers(0, 256, (*_SIZE, 3), dtype=np.uint8)
    files = [file for form in _PICTURES for mode in _MODES if (file := _picture(colours, form, mode))]
    return files + [_video(colours, suffix, codec) for suffix, codec in _VIDEOS]


def _picture(colours: np.ndarray, form: str, mode: str) -> File | None:
    """None where the format has no such mode."""
    whole = Image.fromarray(colours)
    made = Image.fromarray(colours[..., 0].astype(np.uint16) * 257) if mode == "I;16" else whole.convert(mode)
    file = io.BytesIO()
    try:
        made.save(file, form, **({"compression": "tiff_lzw"} if form == "TIFF" and mode == "RGB" else {}))
    except (OSError, ValueError, KeyError):
        return None
    return "." + form.lower(), file.getvalue()


def _video(colours: np.ndarray, suffix: str, codec: str) -> File:
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"v{suffix}"
        with av.open(str(path), "w") as out:
            stream = out.add_stream(codec, rate=10)
            stream.height, stream.width = (64, 96)
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            tiled = np.tile(colours, (4, 3, 1))[:64, :96]
            for number in range(8):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.roll(tiled, number, 1)), format="rgb24")
                out.mux(stream.encode(frame))
            out.mux(stream.encode())
        return suffix, path.read_bytes()


def _damaged(files: list[File], draw: random.Random) -> File:
    from tests.fuzz.in_weight_files import damaged_bytes

    suffix, content = draw.choice(files)
    return suffix, damaged_bytes(content, draw, [one for _, one in files])


def _read(path: Path) -> str:
    from explorer.engine.inputs import named_input, open_input
    from explorer.engine.inputs.video import Video

    if named_input(str(path)).kind == "picture":
        return _unsound(open_input(named_input(str(path))).pixels)
    with Video(path) as video:
        first = [video.read(number) for number in range(min(_FRAMES, video.count or _FRAMES))]
    return next(filter(None, (_unsound(frame.pixels) for frame in first)), "")


def _unsound(pixels: np.ndarray) -> str:
    if not pixels.size or not np.isfinite(pixels).all():
        return f"values that are none: {pixels.shape} {pixels.dtype}"
    return "it can be written to" if pixels.flags.writeable else ""


FUZZED = Fuzzed("media", __doc__, _files, _damaged, _read, slow=5.0, large=1 << 30)
main, run = FUZZED.main, FUZZED.run

"""Reads what a window shows of the pictures in the list of a channel, on the worker thread and without a forward."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import (
    WHOLE,
    ExampleAsked,
    ExamplePicture,
    FileState,
    ReadExamples,
    place_box,
    seen_box,
)
from explorer.core.inputs import Picture
from explorer.core.render.waveform import waveform_of
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.engine.data_sets.thumbnails import rgb_image
from explorer.engine.inputs import open_input
from explorer.engine.inputs.image_arrays import check_size
from explorer.engine.inputs.seen_sound import drawn_sound
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job

_FILES = ("picture", "video", "sound")  # kinds whose path is a file of its own
_STEP_S = 0.02
_ORIENTATION = 0x0112


def read_examples(
    _worker: object, request: ReadExamples, job: Job
) -> Generator[tuple[ExamplePicture, ...], None, tuple[ExamplePicture, ...]]:
    """One after the other; the first is told at once, then what is new every few hundredths of a second. Raises CancelledError."""
    made: list[ExamplePicture] = []
    told, begun = 0, -math.inf
    gone = bool(request.folder) and not Path(request.folder).exists()
    for asked in request.asked:
        if job.cancelled():
            raise CancelledError
        made.append(ExamplePicture(asked, FileState.GONE, "", folder_gone=True) if gone else example(asked, request))
        if time.monotonic() - begun > _STEP_S:
            yield tuple(made[told:])
            told, begun = len(made), time.monotonic()
    return tuple(made)


def example(asked: ExampleAsked, request: ReadExamples) -> ExamplePicture:
    """One of them; what cannot be read is told in its `why`."""
    state = file_state(asked)
    if state is FileState.GONE:
        return ExamplePicture(asked, state, tr("There is no file {path}.", path=asked.ref.path))
    try:
        small = _photograph(asked, request)
        if small is None:
            given = open_input(asked.ref)
            small = _of_sound(asked, request, given) if isinstance(given, Sound) else _of_picture(asked, request, given)
    except ExplorerError as error:
        return ExamplePicture(asked, FileState.UNREADABLE, str(error))
    return replace(small, state=state)


def file_state(asked: ExampleAsked) -> FileState:
    """Whether a file is still what was indexed; of what is in no file: the same."""
    if asked.ref.kind not in _FILES:
        return FileState.SAME
    try:
        about = Path(asked.ref.path).stat()
    except OSError:
        return FileState.GONE
    same = asked.size in (0, about.st_size) and asked.changed in (0, about.st_mtime_ns)
    return FileState.SAME if same else FileState.CHANGED


def _of_picture(asked: ExampleAsked, request: ReadExamples, given: Input) -> ExamplePicture:
    if not isinstance(given, Picture):
        return ExamplePicture(asked)
    return _cut(asked, request, rgb_image(given.shown), given.size)


def _cut(asked: ExampleAsked, request: ReadExamples, image: Image.Image, size: tuple[int, int]) -> ExamplePicture:
    """`image` shows all of a picture of `size` (height, width), maybe smaller than that."""
    box = seen_box(request.receptive, request.preprocess, size, asked.cell)
    part = image if box is None else image.crop(_pixels(box, image, size))
    box = box or place_box(request.receptive, request.preprocess, size, asked.cell)
    return ExamplePicture(
        asked,
        crop=_small(part, request.side),
        whole=_small(image, WHOLE),
        box=None if box is None else Box(box.y0 / size[0], box.x0 / size[1], box.y1 / size[0], box.x1 / size[1]),
    )


def _pixels(box: Box, image: Image.Image, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, upper, right, lower): whole pixels of the image that a box touches."""
    down, across = image.height / size[0], image.width / size[1]
    left, upper = math.floor(box.x0 * across), math.floor(box.y0 * down)
    right, lower = math.ceil(box.x1 * across), math.ceil(box.y1 * down)
    return left, upper, min(max(right, left + 1), image.width), min(max(lower, upper + 1), image.height)


def _small(image: Image.Image, side: int) -> Array:
    made = image.copy() if max(image.size) > side else image
    made.thumbnail((side, side))
    pixels: Array = np.array(made.convert("RGB"))
    pixels.flags.writeable = False
    return pixels


def _photograph(asked: ExampleAsked, request: ReadExamples) -> ExamplePicture | None:
    """Of a large JPEG, decoded at a half, a quarter or an eighth where that is enough for the crop. None: another file, or one
    that is turned or damaged."""
    path = Path(asked.ref.path)
    if asked.ref.kind != "picture" or path.suffix.lower() not in (".jpg", ".jpeg"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                check_size(image.height, image.width, path.name)
                plain = image.format == "JPEG" and image.mode in ("RGB", "L")
                if not plain or image.getexif().get(_ORIENTATION, 1) != 1:
                    return None
                size = image.height, image.width
                box = seen_box(request.receptive, request.preprocess, size, asked.cell)
                longer = max(size) if box is None else max(box.y1 - box.y0, box.x1 - box.x0)
                share = max(request.side / longer, WHOLE / max(size))
                image.draft(image.mode, (math.ceil(size[1] * share), math.ceil(size[0] * share)))
                return _cut(asked, request, image.convert("RGB"), size)
    except ExplorerError:
        raise
    except Exception:  # noqa: BLE001 - Pillow's decoders raise a dozen kinds; `open_input` says why
        return None


def _of_sound(asked: ExampleAsked, request: ReadExamples, sound: Sound) -> ExamplePicture:
    """The waveform, or the spectrogram that the model sees, of the piece that the cell hears."""
    pre = request.preprocess
    drawn = drawn_sound(sound, pre)
    assert drawn.seen is not None  # it was drawn just now
    image, size = Image.fromarray(np.ascontiguousarray(drawn.seen)), sound.size
    box = seen_box(request.receptive, pre, size, asked.cell)
    first, last = (0.0, sound.seconds) if box is None else (box.x0 / 1000, box.x1 / 1000)
    part = sound.cut(min(first, sound.seconds - 1 / sound.rate), max(last - first, 1 / sound.rate))
    made = _cut(asked, request, image, size)
    if (
        not isinstance(pre, SoundPreprocess) or pre.bands == 1
    ):  # drawn anew: a few milliseconds of the whole are a few pixels
        wave = waveform_of(part.samples, max(sound.peak, 0.1), request.side // 2, request.side)
        made = replace(made, crop=wave)
    return replace(made, samples=part.samples, rate=part.rate)

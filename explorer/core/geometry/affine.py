"""Where a picture lands in a model's input tensor, and the way back.

All coordinates are pixel-edge coordinates: pixel i covers i .. i+1. Resizing keeps the edges of a picture on the
edges of its resized self, so every preprocessing is one scale and one offset per axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from explorer.core.boxes import Affine as Affine
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess, Preprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole picture is resized to (height, width); its top left pixel then lies at (top, left) of the input tensor.

    `top` and `left` are negative where the picture is cropped and positive where it is padded.
    """

    height: int
    width: int
    top: int
    left: int


def placement(size: tuple[int, int], pre: Preprocess) -> Placement:
    """Size and place of the resized picture, from the picture's `size` (height, width).

    Raises ExplorerError when the picture or the preprocessing has a side below one pixel.
    """
    _check_sides(size, pre)
    height, width = _resized(size, pre)
    if pre.fit in ("crop", "stretch-crop", "keep"):
        return Placement(height, width, _crop_start(height, pre.height, pre), _crop_start(width, pre.width, pre))
    return Placement(height, width, (pre.height - height) // 2, (pre.width - width) // 2)


@lru_cache(maxsize=64)
def input_affine(size: tuple[int, int], pre: AnyPreprocess) -> Affine:
    """The map from an input of `size` (height, width) to the input tensor of `pre`. Errors as `placement`.

    A text is a row of tokens; a sound is a row of milliseconds, whatever its rate: to samples, or to the rows and frames of a spectrogram.
    """
    if isinstance(pre, TextPreprocess):
        return Affine(1.0, 1.0, 0.0, 0.0)
    if isinstance(pre, SoundPreprocess):
        return _of_sound(pre)
    place = placement(size, pre)
    return Affine(place.height / size[0], place.width / size[1], float(place.top), float(place.left))


def _of_sound(pre: SoundPreprocess) -> Affine:
    """Sample i covers i .. i + 1 at the model's rate; the middle of frame t stands over sample t * hop, or over the middle of its
    samples where frames are not centred."""
    if pre.frames is None:
        return Affine(1.0, pre.hertz / 1000, 0.0, 0.0)
    long, hop, centred = pre.frames
    return Affine(float(pre.height), pre.hertz / 1000 / hop, 0.0, 0.5 if centred else 0.5 - long / 2 / hop)


def to_input(affine: Affine, box: Box) -> Box:
    """A box of the original picture, in input-tensor pixels."""
    return Box(
        box.y0 * affine.scale_y + affine.offset_y,
        box.x0 * affine.scale_x + affine.offset_x,
        box.y1 * affine.scale_y + affine.offset_y,
        box.x1 * affine.scale_x + affine.offset_x,
    )


def to_original(affine: Affine, box: Box) -> Box:
    """A box of the input tensor, in pixels of the original picture. May reach past it, where there is padding."""
    return Box(
        (box.y0 - affine.offset_y) / affine.scale_y,
        (box.x0 - affine.offset_x) / affine.scale_x,
        (box.y1 - affine.offset_y) / affine.scale_y,
        (box.x1 - affine.offset_x) / affine.scale_x,
    )


def original_box(size: tuple[int, int], pre: AnyPreprocess, box: Box) -> Box:
    """A box of the input tensor on the original input, with all that its places are made of: of frames their whole windows."""
    found = to_original(input_affine(size, pre), box)
    if not isinstance(pre, SoundPreprocess) or pre.frames is None:
        return found
    long, hop, _ = pre.frames
    beyond = (long - hop) / 2 / pre.hertz * 1000
    return Box(found.y0, found.x0 - beyond, found.y1, found.x1 + beyond)


def crop_box(size: tuple[int, int], pre: AnyPreprocess) -> Box:
    """The part of a picture of `size` (height, width) that the model sees; never reaches past the picture."""
    if isinstance(pre, TextPreprocess):
        return Box(0.0, 0.0, 1.0, float(pre.length or size[1]))
    if isinstance(pre, SoundPreprocess):
        return Box(0.0, 0.0, 1.0, float(min(size[1], 1000 * (pre.seconds or size[1]))))
    seen = to_original(input_affine(size, pre), Box(0.0, 0.0, float(pre.height), float(pre.width)))
    return Box(max(seen.y0, 0.0), max(seen.x0, 0.0), min(seen.y1, float(size[0])), min(seen.x1, float(size[1])))


def point_seen(size: tuple[int, int], pre: AnyPreprocess, at: tuple[float, float]) -> tuple[float, float] | None:
    """A point (y, x) of the original picture in the input tensor; None outside of what the model sees."""
    crop = crop_box(size, pre)
    if not (crop.y0 <= at[0] < crop.y1 and crop.x0 <= at[1] < crop.x1):
        return None
    affine = input_affine(size, pre)
    return at[0] * affine.scale_y + affine.offset_y, at[1] * affine.scale_x + affine.offset_x


def _resized(size: tuple[int, int], pre: Preprocess) -> tuple[int, int]:
    height, width = size
    if pre.fit == "stretch":
        return pre.height, pre.width
    if pre.fit == "keep":
        return height, width
    if pre.fit == "stretch-crop":
        short = min(pre.height, pre.width)
        return pre.resize * pre.height // short, pre.resize * pre.width // short
    if pre.fit == "letterbox":
        scale = min(pre.height / height, pre.width / width)
        # a very long picture still keeps one row; rounding must not step over the frame
        fitted = (round(height * scale), round(width * scale))
        return min(max(fitted[0], 1), pre.height), min(max(fitted[1], 1), pre.width)
    # the rule of torchvision's Resize(int): the longer side is cut down to a whole pixel, not rounded
    longer = int(pre.resize * max(size) / min(size))
    return (longer, pre.resize) if width <= height else (pre.resize, longer)


def _crop_start(resized: int, wanted: int, pre: Preprocess) -> int:
    """Padding puts the odd pixel last. Cropping rounds half to even as torchvision, or down as transformers."""
    if wanted > resized:
        return (wanted - resized) // 2
    return -((resized - wanted) // 2) if pre.rounding == "down" else -round((resized - wanted) / 2)


def _check_sides(size: tuple[int, int], pre: Preprocess) -> None:
    if min(size) < 1:
        raise ExplorerError(
            tr("The picture is empty."),
            tr("Its size is {size}×{size2}.", size=size[1], size2=size[0]),
            tr("Open another picture."),
        )
    sides = (pre.height, pre.width, pre.resize) if pre.fit in ("crop", "stretch-crop") else (pre.height, pre.width)
    if min(sides) < 1:
        raise ExplorerError(
            tr("The preprocessing cannot be used."),
            tr(
                "Its size is {width}×{height}, resize {resize}; every side needs at least one pixel.",
                width=pre.width,
                height=pre.height,
                resize=pre.resize,
            ),
            tr("Set a positive size."),
        )

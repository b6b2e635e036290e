"""From a decoded picture to a model's input tensor: channels, resize, crop or pad, 0..1, (x - mean) / std.

An 8-bit picture takes the very steps of torchvision's presets, so its tensor equals theirs bit for bit; where transformers
resizes with torch instead of Pillow, so is done here. 16-bit and float pictures are resized as floats and keep their precision.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import Placement, placement
from explorer.core.inputs import Picture
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.inputs.torch_resize import resized_by_torch

_MOST_CHANNELS = 1024
_WHOLE_LIMIT = 16_000_000  # pixels of the resized picture above which only the part that is seen is computed


def to_tensor(picture: Picture, pre: Preprocess) -> torch.Tensor:
    """The input tensor of a picture: (1, channels, height, width), float32, on the CPU.

    Padding is `pre.fill` before normalisation, black as torchvision's where nothing else is said. Raises ExplorerError when
    `pre` cannot be met.
    """
    _check(pre)
    place = placement(picture.size, pre)
    seen = _seen(_with_channels(picture.pixels, pre.channels), pre, place)
    if len(set(pre.fill)) > 1 and seen.shape[2] == 1 and pre.channels == 3:
        seen = np.repeat(seen, 3, axis=2)  # a grey picture on a coloured ground
    canvas = seen
    if seen.shape[:2] != (pre.height, pre.width):
        canvas = _filled(pre, seen)
        top, left = max(place.top, 0), max(place.left, 0)
        canvas[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    return _normalised(canvas, pre)


def _filled(pre: Preprocess, seen: Array) -> Array:
    """(height, width, channels of `seen`) of what is padded."""
    colour = np.array(pre.fill, np.float64)
    colour = colour.mean(keepdims=True) if seen.shape[2] == 1 else colour
    canvas = np.zeros((pre.height, pre.width, seen.shape[2]), seen.dtype)
    canvas[:] = colour if seen.dtype == np.float32 else np.rint(colour * 255)
    return canvas


def _check(pre: Preprocess) -> None:
    if not 1 <= pre.channels <= _MOST_CHANNELS:
        raise ExplorerError(
            tr("An input of {channels} channels cannot be made of a picture.", channels=pre.channels),
            tr(
                "There can be 1 (grey), 3 (red, green, blue) or another number up to {most_channels}.",
                most_channels=_MOST_CHANNELS,
            ),
            tr("Correct the channels in the preprocessing."),
        )
    for name, values in (("mean", pre.mean), ("std", pre.std)):
        if len(values) not in (1, pre.channels) and not len(values) == 3 < pre.channels:
            raise ExplorerError(
                tr(
                    "The preprocessing has {count} {name} values for {channels} channels.",
                    count=len(values),
                    name=name,
                    channels=pre.channels,
                ),
                todo=tr("Give one {name} value, or {channels}.", name=name, channels=pre.channels),
            )
    if len(pre.fill) not in (1, 3):
        raise ExplorerError(
            tr("The preprocessing has {count} fill values.", count=len(pre.fill)), todo=tr("Give one, or three.")
        )
    if not all(np.isfinite((*pre.mean, *pre.std))) or any(value == 0 for value in pre.std):
        raise ExplorerError(
            tr("The preprocessing cannot be used."),
            tr("Mean and std must be finite, and std not zero."),
            tr("Correct mean and std in the preprocessing."),
        )


def _with_channels(pixels: Array, channels: int) -> Array:
    """Luminance where one channel is wanted. Others are made after the resize, which is cheaper."""
    if channels > 1 or pixels.shape[2] == 1:
        return pixels
    if pixels.dtype == np.uint8:
        return np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
    # the weights of ITU-R 601, as in Pillow's conversion to "L"
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return (_as_unit(pixels) @ weights)[..., None]


def _as_unit(pixels: Array) -> Array:
    """float32 in 0..1."""
    if pixels.dtype == np.float32:
        return pixels
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def _seen(pixels: Array, pre: Preprocess, place: Placement) -> Array:
    """The part of the resized picture that lies in the input tensor: (h, w, c), uint8 or float32 in 0..1."""
    # of a huge resized picture, Pillow can make the part alone
    if pre.resizer != "pillow" and place.height * place.width <= _WHOLE_LIMIT:
        resized = _torch_resized(pixels, pre, place)
        top, left, height, width = _part(pre, place)
        return resized[top : top + height, left : left + width]
    if pixels.dtype == np.uint8:
        image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0])
        resized = np.asarray(_resize(image, pre, place))
        return resized if resized.ndim == 3 else resized[..., None]
    unit = _as_unit(pixels)
    planes = [Image.fromarray(np.ascontiguousarray(unit[..., c])) for c in range(unit.shape[2])]
    resized = np.stack([np.asarray(_resize(plane, pre, place)) for plane in planes], axis=-1)
    # bicubic overshoots; 8-bit pictures are clipped by Pillow itself
    clipped: Array = np.clip(resized, 0.0, 1.0)
    return clipped


def _torch_resized(pixels: Array, pre: Preprocess, place: Placement) -> Array:
    """All of the picture, with the colours that a grey one has in a library that makes RGB of it first."""
    if pre.channels == 3 and pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    if pre.resizer == "torch-float" or pixels.dtype != np.uint8:
        pixels = _as_unit(pixels)
    made = resized_by_torch(pixels, (place.height, place.width), pre.interpolation)
    return made if pre.resizer == "torch-float" or made.dtype == np.uint8 else np.clip(made, 0.0, 1.0)


def _part(pre: Preprocess, place: Placement) -> tuple[int, int, int, int]:
    """(top, left, height, width) of what is seen of the resized picture."""
    top, left = max(-place.top, 0), max(-place.left, 0)
    return top, left, min(pre.height, place.height), min(pre.width, place.width)


def _resize(image: Image.Image, pre: Preprocess, place: Placement) -> Image.Image:
    method = Image.Resampling[pre.interpolation.upper()]
    top, left, height, width = _part(pre, place)
    if place.height * place.width <= _WHOLE_LIMIT:
        if (place.width, place.height) != image.size:
            image = image.resize((place.width, place.height), method)
        return image.crop((left, top, left + width, top + height))
    # a 65,535 × 1 picture resized to 256 rows would have 4.3 thousand million pixels: compute only what is seen
    scale_y, scale_x = image.height / place.height, image.width / place.width
    box = (left * scale_x, top * scale_y, (left + width) * scale_x, (top + height) * scale_y)
    return image.resize((width, height), method, box=box)


def _normalised(canvas: Array, pre: Preprocess) -> torch.Tensor:
    """The same operations in the same order as torchvision's, so that the last bit agrees."""
    if pre.order == "bgr" and canvas.shape[2] == 3:
        canvas = canvas[..., ::-1]
    planes = torch.from_numpy(np.array(canvas.transpose(2, 0, 1), order="C"))
    tensor = planes.to(torch.float32)
    if canvas.dtype == np.uint8:
        tensor = tensor / 255
    plain = replace(pre, transform_input=False)
    mean, std = (torch.tensor(values, dtype=torch.float32).view(-1, 1, 1) for values in (plain.means, plain.stds))
    # a grey picture is replicated here, by broadcasting
    tensor = _in_turn(tensor, pre.channels).expand(pre.channels, -1, -1).sub(mean).div_(std)
    if pre.transform_input:
        tensor = torch.stack([tensor[n] * factor + offset for n, (factor, offset) in enumerate(pre.conversion)])
    return tensor.unsqueeze(0)


def _in_turn(values: torch.Tensor, channels: int) -> torch.Tensor:
    """Red, green, blue, red, green … along the first dimension, where a model wants neither one channel nor three."""
    if len(values) in (1, channels):
        return values
    return values[[number % len(values) for number in range(channels)]]

"""From a decoded picture to a model's input tensor: channels, resize, crop or pad, 0..1, (x - mean) / std.

An 8-bit picture takes the very steps of torchvision's presets, so its tensor equals theirs bit for bit.
16-bit and float pictures are resized as floats and keep their precision.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from explorer.core.geometry import Placement, placement
from explorer.core.types import Array, ExplorerError, Picture, Preprocess

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}
_MOST_CHANNELS = 1024
_WHOLE_LIMIT = 16_000_000  # pixels of the resized picture above which only the part that is seen is computed


def to_tensor(picture: Picture, pre: Preprocess) -> torch.Tensor:
    """The input tensor of a picture: (1, channels, height, width), float32, on the CPU.

    Padding is black before normalisation, as torchvision's. Raises ExplorerError when `pre` cannot be met.
    """
    _check(pre)
    place = placement(picture.size, pre)
    seen = _seen(_with_channels(picture.pixels, pre.channels), pre, place)
    canvas = seen
    if seen.shape[:2] != (pre.height, pre.width):
        canvas = np.zeros((pre.height, pre.width, seen.shape[2]), seen.dtype)
        top, left = max(place.top, 0), max(place.left, 0)
        canvas[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    return _normalised(canvas, pre)


def _check(pre: Preprocess) -> None:
    if not 1 <= pre.channels <= _MOST_CHANNELS:
        raise ExplorerError(
            f"An input of {pre.channels} channels cannot be made of a picture.",
            f"There can be 1 (grey), 3 (red, green, blue) or another number up to {_MOST_CHANNELS}.",
            "Mend the channels in the preprocessing.",
        )
    for name, values in (("mean", pre.mean), ("std", pre.std)):
        if len(values) not in (1, pre.channels) and not len(values) == 3 < pre.channels:
            raise ExplorerError(
                f"The preprocessing has {len(values)} {name} values for {pre.channels} channels.",
                todo=f"Give one {name} value, or {pre.channels}.",
            )
    if not all(np.isfinite((*pre.mean, *pre.std))) or any(value == 0 for value in pre.std):
        raise ExplorerError(
            "The preprocessing cannot be used.",
            "Mean and std must be finite, and std not zero.",
            "Mend mean and std in the preprocessing.",
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


def _resize(image: Image.Image, pre: Preprocess, place: Placement) -> Image.Image:
    method = _RESAMPLING[pre.interpolation]
    top, left = max(-place.top, 0), max(-place.left, 0)
    height, width = min(pre.height, place.height), min(pre.width, place.width)
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
    planes = torch.from_numpy(np.array(canvas.transpose(2, 0, 1), order="C"))
    tensor = planes.to(torch.float32)
    if canvas.dtype == np.uint8:
        tensor = tensor / 255
    mean, std = (torch.tensor(values, dtype=torch.float32).view(-1, 1, 1) for values in (pre.means, pre.stds))
    # a grey picture is replicated here, by broadcasting
    tensor = _in_turn(tensor, pre.channels).expand(pre.channels, -1, -1).sub(mean).div_(std)
    return tensor.unsqueeze(0)


def _in_turn(values: torch.Tensor, channels: int) -> torch.Tensor:
    """Red, green, blue, red, green … along the first dimension, where a model wants neither one channel nor three."""
    if len(values) in (1, channels):
        return values
    return values[[number % len(values) for number in range(channels)]]

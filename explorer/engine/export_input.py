"""A preprocessing as lines of Python: from `image`, a Pillow picture, to `x`, the model's input."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.models import Preprocess
from explorer.engine.inputs.torch_resize import SMOOTH


def preprocess_lines(pre: Preprocess) -> list[str]:
    """Needs PIL.Image, numpy as np and torch; gives the values of `inputs.preprocess.to_tensor` for 8-bit pictures."""
    lines = [f"image = image.convert({'L' if pre.channels == 1 else 'RGB'!r})", *_size_lines(pre)]
    if pre.resizer == "pillow":
        lines += _with_pillow(pre)
    else:
        lines += _with_torch(pre)
    if pre.order == "bgr" and pre.channels == 3:
        lines.append("pixels = pixels[..., ::-1].copy()  # blue, green, red")
    plain = replace(pre, transform_input=False)
    lines += [
        *([] if pre.channels in (1, 3) else [f"pixels = pixels[..., [c % 3 for c in range({pre.channels})]]"]),
        f"mean, std = torch.tensor({list(plain.means)}), torch.tensor({list(plain.stds)})",
        "x = ((torch.from_numpy(pixels) - mean) / std).permute(2, 0, 1)[None]",
    ]
    if pre.transform_input:
        factors, offsets = ([pair[n] for pair in pre.conversion] for n in (0, 1))
        lines.append(f"x = x * torch.tensor({factors}).view(-1, 1, 1) + torch.tensor({offsets}).view(-1, 1, 1)")
    return lines


def _size_lines(pre: Preprocess) -> list[str]:
    """h, w of the resized picture; top, left of its place in the input."""
    short = min(pre.height, pre.width)
    squeezed = f"h, w = {pre.resize * pre.height // short}, {pre.resize * pre.width // short}"
    size = {
        "stretch": [f"h, w = {pre.height}, {pre.width}"],
        "stretch-crop": [squeezed],
        "keep": ["h, w = image.height, image.width"],
        "letterbox": [
            f"scale = min({pre.width} / image.width, {pre.height} / image.height)",
            "h, w = max(1, round(image.height * scale)), max(1, round(image.width * scale))",
        ],
        "crop": [
            f"h, w = image.height, image.width  # the shorter side becomes {pre.resize}",
            f"h, w = (int({pre.resize} * h / w), {pre.resize}) if w <= h else ({pre.resize}, int({pre.resize} * w / h))",
        ],
    }[pre.fit]
    if pre.fit == "stretch":
        return size
    cut = "-((n - wanted) // 2)" if pre.rounding == "down" else "-round((n - wanted) / 2)"
    start = f"[(wanted - n) // 2 if n < wanted else {cut} for n, wanted in ((h, {pre.height}), (w, {pre.width}))]"
    return [*size, f"top, left = {start}"]


def _with_pillow(pre: Preprocess) -> list[str]:
    lines = [f"image = image.resize((w, h), Image.Resampling.{pre.interpolation.upper()})"]
    if pre.fit != "stretch":
        fill = tuple(round(255 * value) for value in pre.fill)
        colour = fill[0] if pre.channels == 1 or len(fill) == 1 else fill
        colour = (colour,) * 3 if isinstance(colour, int) and pre.channels != 1 else colour
        lines += [
            f"canvas = Image.new(image.mode, {(pre.width, pre.height)}, {colour})",
            "canvas.paste(image, (left, top))",
            "image = canvas",
        ]
    return [*lines, "pixels = np.asarray(image, np.float32).reshape(image.height, image.width, -1) / 255"]


def _with_torch(pre: Preprocess) -> list[str]:
    smooth = ", align_corners=False, antialias=True" if pre.interpolation in SMOOTH else ""
    mode = pre.interpolation if pre.interpolation in SMOOTH else "nearest-exact"
    to_float = "pixels = pixels.float() / 255"
    lines = [
        "pixels = torch.from_numpy(np.array(image).reshape(image.height, image.width, -1))",
        "pixels = pixels.permute(2, 0, 1)[None].contiguous()",
        *([to_float] if pre.resizer == "torch-float" else []),
        "if (h, w) != (image.height, image.width):",
        f"    pixels = torch.nn.functional.interpolate(pixels, (h, w), mode={mode!r}{smooth})",
        *([] if pre.resizer == "torch-float" else [to_float]),
    ]
    if pre.fit != "stretch":
        pads = f"(left, {pre.width} - w - left, top, {pre.height} - h - top)"
        lines.append(f"pixels = torch.nn.functional.pad(pixels, {pads}, value={pre.fill[0]})")
    return [*lines, "pixels = pixels[0].permute(1, 2, 0).numpy()"]

"""How transformers prepares pictures, in this application's words. What cannot be said in them is said in a note.

Geometry is read from the processor's fields; the numbers are measured on pictures of one colour, which holds whatever a
processor does to them; then both are compared with what the processor itself makes of odd pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import placement
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import extras
from explorer.engine.models.hf_folder import PROCESSOR, Folder

Fit = Literal["crop", "letterbox", "stretch", "stretch-crop", "keep"]
_KINDS: dict[int, Literal["bilinear", "bicubic", "nearest", "lanczos", "box", "hamming"]] = {
    0: "nearest",
    1: "lanczos",
    2: "bilinear",
    3: "bicubic",
    4: "box",
    5: "hamming",
}
_SQUASH_FROM = 384  # px of ConvNeXt's inputs from which it crops nothing
_BYTES = 255
_LARGEST = 4096  # px of a side that is believed of a file
# odd, oblong, tiny and of one row, as (height, width): where rounding and borders show
_ODD = ((61, 97), (150, 47), (3, 5), (9, 130))
_SIDE = 32  # px of a picture of one colour
_MOST = 16_000_000  # pixels of a resized picture that is made only to compare
_CLOSE = 1e-3 / _BYTES  # of 0..1: what differs by less is the same up to the order of sums
# Fields that say nothing of the pixels of one picture without a map of its parts.
_NEUTRAL = (
    "do_reduce_labels",
    "default_to_square",
    "do_convert_rgb",
    "ignore_index",
    "size_divisor",
    "size_divisibility",
)


def preprocess_of(folder: Folder, config: Any) -> tuple[Preprocess, tuple[str, ...]]:
    """(preprocessing, notes) of the folder's preprocessor_config.json; assumed from `config`, with a note, without one."""
    if not folder.processor:
        return _assumed(config)
    held = _read(folder)
    own = _own_size(config)
    place = _geometry(held, own)
    if (
        not 1
        <= min(place.height, place.width, place.resize)
        <= max(place.height, place.width, place.resize)
        <= _LARGEST
    ):
        place = _at_its_own_size(own, tr("makes every picture another size"))
    kind = _KINDS.get(int(getattr(held, "resample", 2) or 0), "bicubic")
    mean, std = _from_fields(held)
    base = Preprocess(
        place.height,
        place.width,
        place.fit,
        place.resize,
        mean,
        std,
        len(mean),
        kind,
        resizer=_resizer(held),
        rounding="down",
    )
    with extras.silent():
        measured = _measured(held, base)
        return measured, (*place.notes, *_compared(held, measured, bool(place.notes)))


def _assumed(config: Any) -> tuple[Preprocess, tuple[str, ...]]:
    height, width = _pair(getattr(config, "image_size", 224))
    note = tr(
        "There is no {processor}: ImageNet's usual mean and deviation are assumed; it can be changed.",
        processor=PROCESSOR,
    )
    channels = int(getattr(config, "num_channels", 3))
    usual = Preprocess()
    mean, std = (usual.mean, usual.std) if channels == 3 else ((0.5,) * channels,) * 2
    return Preprocess(height, width, "stretch", min(height, width), mean, std, channels, "bicubic"), (note,)


def _read(folder: Folder) -> Any:
    """transformers' own reading, which knows what files of all ages leave unsaid."""
    transformers = extras.load(extras.HF)
    try:
        with extras.silent():
            return transformers.AutoImageProcessor.from_pretrained(
                str(folder.path), local_files_only=True, trust_remote_code=False
            )
    except Exception as error:  # noqa: BLE001 - a file of settings may hold anything
        why = f"{type(error).__name__}: {(str(error).splitlines() or ['no message'])[0][:200].rstrip('.')}."
        todo = tr("Fix the file, or remove it: then the usual preprocessing is assumed.")
        raise ExplorerError(
            tr("{processor} of {path} cannot be used.", processor=PROCESSOR, path=folder.path.name), why, todo
        ) from None


# ---- geometry


@dataclass(frozen=True, slots=True)
class _Place:
    height: int
    width: int
    fit: Fit
    resize: int
    notes: tuple[str, ...] = ()


def _geometry(held: Any, own: tuple[int, int]) -> _Place:
    """`own`: the size that the model's config names, for processors that leave pictures at theirs."""
    size = getattr(held, "size", None)
    short = _of(size, "shortest_edge")
    crop = _sides(held.crop_size) if getattr(held, "do_center_crop", False) and held.crop_size else None
    if getattr(held, "do_resize", True) is False:
        return (
            _Place(*crop, "keep", min(crop)) if crop else _at_its_own_size(own, tr("leaves pictures at their own size"))
        )
    name = type(held).__name__
    share = getattr(held, "crop_pct", None)
    if name.startswith("Levit") and short:
        short = int(256 / 224 * short)
    elif share and crop is not None:  # PoolFormer's way, also of a square
        sides = _sides(size) if not short else (short, short)
        short = int(sides[0] / share) if sides[0] == sides[1] else 0
    elif share and short:  # ConvNeXt's own way
        if short >= _SQUASH_FROM:
            return _Place(short, short, "stretch", short)
        return _Place(short, short, "crop", int(short / share))
    if short and crop is not None:
        return _Place(*crop, "crop", short)
    if short:
        return _Place(short, short, "crop", short, (_kept(tr("keeps the sides' ratio")),))
    if not (_of(size, "height") or _of(size, "width")):
        return _at_its_own_size(own, tr("makes every picture another size"))
    height, width = _sides(size)
    if crop is None or crop == (height, width):
        return _Place(height, width, "stretch", min(height, width))
    return _Place(*crop, "stretch-crop", min(height, width))


def _kept(does: str) -> str:
    return tr("transformers {does}; here the middle square is seen.", does=does)


def _at_its_own_size(own: tuple[int, int], does: str) -> _Place:
    return _Place(
        *own,
        "crop",
        min(own),
        (tr("transformers {does}; here all take {own} × {own2} px.", does=does, own=own[0], own2=own[1]),),
    )


def _own_size(config: Any) -> tuple[int, int]:
    size = _pair(getattr(config, "image_size", None) or 224)
    return size if min(size) >= 1 and max(size) <= _LARGEST else (224, 224)


def _sides(size: Any) -> tuple[int, int]:
    height, width = _of(size, "height"), _of(size, "width")
    short = _of(size, "shortest_edge")
    return height or width or short or 224, width or height or short or 224


def _of(size: Any, name: str) -> int:
    value = size.get(name) if isinstance(size, dict) else getattr(size, name, None)
    return int(value) if value else 0


def _pair(size: Any) -> tuple[int, int]:
    return (int(size[0]), int(size[1])) if isinstance(size, (tuple, list)) else (int(size), int(size))


def _resizer(held: Any) -> Literal["pillow", "torch", "torch-float"]:
    """transformers resizes with Pillow or with torch; some processors scale to 0..1 before they resize."""
    if getattr(held, "backend", "pil") != "torchvision":
        return "pillow"
    return "torch-float" if type(held).__name__.startswith("DINOv3") else "torch"


# ---- numbers


def _from_fields(held: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, std) for values in 0..1 as the usual fields have them."""
    mean, std = _floats(0.0), _floats(1.0)
    if getattr(held, "do_normalize", False) and getattr(held, "image_mean", None) is not None:
        mean, std = (_floats(values) for values in (held.image_mean, held.image_std))
    factor = _BYTES * (float(held.rescale_factor) if getattr(held, "do_rescale", True) else 1.0)
    if abs(factor - 1) < 1e-9 or not factor:
        return mean, std
    return tuple(value / factor for value in mean), tuple(value / factor for value in std)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values)) if isinstance(values, (tuple, list)) else (float(values),) * 3


def _measured(held: Any, base: Preprocess) -> Preprocess:
    """`base` with mean, std and order of the channels as pictures of one colour come out of the processor."""
    plain = [np.full((_SIDE, _SIDE, 3), colour, np.uint8) for colour in ((0, 0, 0), (_BYTES,) * 3, (_BYTES, 0, 0))]
    answers = [_asked(held, pixels) for pixels in plain]
    if any(isinstance(answer, str) for answer in answers):
        return base  # said once, by the comparison
    black, white, red = (answer[0, :, answer.shape[2] // 2, answer.shape[3] // 2].double() for answer in answers)  # type: ignore[union-attr, index]
    if len(black) != 3 or bool((white == black).any()):
        return base
    share = (red - black) / (white - black)  # of red in every channel
    turned = bool(torch.allclose(share, torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64), atol=1e-3))
    std = 1 / (white - black)
    mean = -black * std
    if turned:  # of red, green and blue
        mean, std = mean.flip(0), std.flip(0)
    known = (torch.tensor(values, dtype=torch.float64) for values in (base.mean, base.std))
    if not all(torch.allclose(own, found, rtol=1e-5, atol=1e-6) for own, found in zip(known, (mean, std), strict=True)):
        base = replace(base, mean=_short(mean), std=_short(std))
    return replace(base, order="bgr") if turned else base


def _short(values: torch.Tensor) -> tuple[float, ...]:
    """Without the last digits, in which float32 says nothing."""
    return tuple(float(f"{value:.7g}") + 0.0 for value in values.tolist())


# ---- comparison


def _asked(held: Any, pixels: Array) -> torch.Tensor | str:
    """(1, C, H, W) as the processor makes it, or why it does not."""
    try:
        with torch.no_grad():
            made = held(images=Image.fromarray(pixels), return_tensors="pt")["pixel_values"]
    except Exception as error:  # noqa: BLE001 - a file of settings may hold anything
        return f"{type(error).__name__}: {(str(error).splitlines() or ['no message'])[0][:120].rstrip('.')}"
    if not isinstance(made, torch.Tensor) or made.ndim != 4 or made.shape[0] != 1:
        return tr("it makes another kind of input than one picture")
    return made.float()


def _compared(held: Any, pre: Preprocess, said: bool) -> tuple[str, ...]:
    """What is said where the processor makes other values of pictures of odd sizes. `said`: its other sizes are already."""
    name = type(held).__name__
    worst, other = 0.0, ""
    for size in _ODD:
        place = placement(size, pre)
        if place.height * place.width > _MOST:
            continue
        pixels = _odd_picture(size)
        wanted = _asked(held, pixels)
        if isinstance(wanted, str):
            return (tr("What {name} does was not checked: {wanted}.", name=name, wanted=wanted),)
        found = to_tensor(Picture(InputRef("picture"), pixels, "0"), pre)
        if found.shape != wanted.shape:
            other = other or tr(
                "{name} makes {shape} × {shape2} px of {size} × {size2}.",
                name=name,
                shape=wanted.shape[2],
                shape2=wanted.shape[3],
                size=size[0],
                size2=size[1],
            )
            continue
        std = torch.tensor(pre.stds).view(-1, 1, 1)
        worst = max(worst, float(((found - wanted) * std).abs().max()))
    if worst <= _CLOSE:
        return (
            (
                tr(
                    "{other} Here all pictures take {height} × {width} px.",
                    other=other,
                    height=pre.height,
                    width=pre.width,
                ),
            )
            if other and not said
            else ()
        )
    unusual = _unusual(held)
    fields = tr(" Not honoured: {unusual}.", unusual=unusual) if unusual else ""
    return (
        tr(
            "{name} makes other values: up to {worst:.3g} of 255 on pictures of odd sizes.{fields}",
            name=name,
            worst=worst * _BYTES,
            fields=fields,
        ),
    )


def _odd_picture(size: tuple[int, int]) -> Array:
    """Ramps with an edge: smooth and sharp, other in every channel."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    edge = np.where((x // 3 + y // 2) % 2, 200, 20)
    return np.stack([(7 * y) % 256, (5 * x) % 256, edge], axis=-1).astype(np.uint8)


_HONOURED = (
    *(
        "size",
        "crop_size",
        "crop_pct",
        "resample",
        "rescale_factor",
        "image_mean",
        "image_std",
        "rescale_offset",
        "include_top",
    ),
    *("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_flip_channel_order", "image_processor_type"),
)


def _unusual(held: Any) -> str:
    """The fields that this page does not know and that are set."""
    fields: dict[str, Any] = held.to_dict()
    known = (*_HONOURED, *_NEUTRAL)
    rest = {k: v for k, v in fields.items() if k not in known and isinstance(v, (bool, int, float, str)) and v}
    return ", ".join(f"{key} = {value}" for key, value in list(rest.items())[:6])

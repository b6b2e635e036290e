"""How transformers prepares pictures, in this application's words. What cannot be said in them is said in a note."""

from __future__ import annotations

from typing import Any, Literal

from explorer.core.types import ExplorerError, Preprocess
from explorer.engine.models import extras
from explorer.engine.models.hf_folder import PROCESSOR, Folder

_SQUASH_FROM = 384  # px of ConvNeXt's inputs from which it crops nothing
_KINDS: dict[int, Literal["bilinear", "bicubic", "nearest"]] = {0: "nearest", 2: "bilinear", 3: "bicubic"}
_BYTES = 255


def preprocess_of(folder: Folder, config: Any) -> tuple[Preprocess, tuple[str, ...]]:
    """(preprocessing, notes) of the folder's preprocessor_config.json; assumed from `config`, with a note, without one."""
    if not folder.processor:
        height, width = _pair(getattr(config, "image_size", 224))
        note = f"There is no {PROCESSOR}: ImageNet's usual mean and deviation are assumed; it can be changed."
        channels = int(getattr(config, "num_channels", 3))
        usual = Preprocess()
        mean, std = (usual.mean, usual.std) if channels == 3 else ((0.5,) * channels,) * 2
        return Preprocess(height, width, "stretch", min(height, width), mean, std, channels, "bicubic"), (note,)
    held = _read(folder)
    height, width, fit, resize, notes = _geometry(held)
    mean, std = _values(held)
    kind = int(getattr(held, "resample", 2) or 0)
    if kind not in _KINDS:
        notes = (*notes, "transformers resizes with another filter; here it is bicubic.")
    return Preprocess(height, width, fit, resize, mean, std, len(mean), _KINDS.get(kind, "bicubic")), notes


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
        todo = "Mend the file, or take it away: then the usual preprocessing is assumed."
        raise ExplorerError(f"{PROCESSOR} of {folder.path.name} cannot be used.", why, todo) from None


Geometry = tuple[int, int, Literal["crop", "stretch"], int, tuple[str, ...]]


def _geometry(held: Any) -> Geometry:
    """(height, width, fit, resize, notes)."""
    size = held.size
    short = _of(size, "shortest_edge")
    crop = held.crop_size if getattr(held, "do_center_crop", False) else None
    share = getattr(held, "crop_pct", None)
    if short and crop is not None:
        return *_sides(crop), "crop", short, ()
    if short and share:  # ConvNeXt's own way
        return (
            (short, short, "crop", int(short / share), ())
            if short < _SQUASH_FROM
            else (short, short, "stretch", short, ())
        )
    if short:
        return short, short, "crop", short, ("transformers keeps the sides' ratio; here the middle square is seen.",)
    height, width = _sides(size)
    if crop is not None and _sides(crop) != (height, width):
        inner = _sides(crop)
        return (
            *inner,
            "crop",
            min(height, width),
            ("transformers squeezes to a square before it crops; here nothing is squeezed.",),
        )
    return height, width, "stretch", min(height, width), ()


def _sides(size: Any) -> tuple[int, int]:
    height, width = _of(size, "height"), _of(size, "width")
    return height or width or 224, width or height or 224


def _of(size: Any, name: str) -> int:
    value = size.get(name) if isinstance(size, dict) else getattr(size, name, None)
    return int(value) if value else 0


def _pair(size: Any) -> tuple[int, int]:
    return (int(size[0]), int(size[1])) if isinstance(size, (tuple, list)) else (int(size), int(size))


def _values(held: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, std) for values in 0..1, whatever range transformers scales the bytes to."""
    mean, std = _floats(0.0), _floats(1.0)
    if getattr(held, "do_normalize", False) and held.image_mean is not None:
        mean, std = (_floats(values) for values in (held.image_mean, held.image_std))
    factor = _BYTES * (float(held.rescale_factor) if getattr(held, "do_rescale", True) else 1.0)
    if abs(factor - 1) < 1e-9:
        return mean, std
    return tuple(value / factor for value in mean), tuple(value / factor for value in std)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values)) if isinstance(values, (tuple, list)) else (float(values),) * 3

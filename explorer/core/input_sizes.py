"""Sizes of a model's input: as a person types them, and a preprocessing for another one."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.models import Preprocess
from explorer.core.translation import tr

LARGEST = 20_000  # pixels of a side


def size_from(text: str) -> tuple[int, int] | None:
    """(height, width) of "224", "128x288" or "128 × 288"; None for nothing. Raises ExplorerError for anything else."""
    if not text.strip():
        return None
    parts = [part.strip() for part in text.lower().replace("×", "x").split("x")]
    if len(parts) > 2 or not all(_is_side(part) for part in parts):
        why = tr("It must be a whole number from 1 to {largest}, or two for height and width.", largest=LARGEST)
        raise ExplorerError(
            tr("{text!r} is not an input size.", text=text[:20]), why, tr("Give pixels, as in 224 or 128x288.")
        )
    return int(parts[0]), int(parts[-1])


def resized(preprocess: Preprocess, height: int, width: int) -> Preprocess:
    """The same preprocessing for an input of another size, with the same share cropped away."""
    share = preprocess.resize / min(preprocess.height, preprocess.width)
    short = min(height, width)
    return replace(preprocess, height=height, width=width, resize=max(short, round(short * share)))


def _is_side(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST

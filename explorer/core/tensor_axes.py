"""What the rows and the columns of a model's input tensor are. Pure."""

from __future__ import annotations

from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess


def axes_of(pre: AnyPreprocess) -> tuple[str, str]:
    """Names of rows and columns; "" for the rows of an input that has none."""
    if isinstance(pre, TextPreprocess):
        return "", "tokens"
    if isinstance(pre, SoundPreprocess):
        return "bands" if pre.height > 1 else "", "frames" if pre.bands > 1 else "samples"
    return "rows", "columns"

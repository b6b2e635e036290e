"""Long sounds are opened a window at a time: as long as the model takes."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import LONG, window_for
from explorer.engine.sound.sound_files import seconds_of


def first_window(ref: InputRef, pre: AnyPreprocess | None) -> InputRef:
    """The reference with its first window where it is a long sound, else as it is; what is wrong with the file is said when it is
    opened."""
    if ref.kind != "sound" or ref.length:
        return ref
    try:
        total = seconds_of(ref.path)
    except ExplorerError:
        return ref
    return replace(ref, length=min(window_for(pre), total)) if total > LONG else ref

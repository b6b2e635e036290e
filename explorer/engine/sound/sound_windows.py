"""Long sounds are opened a window at a time: as long as the model takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import LONG, window_for
from explorer.core.translation import tr
from explorer.engine.jobs.job import Job
from explorer.engine.sound.counted_length import seconds_of


def first_window(ref: InputRef, pre: AnyPreprocess | None, job: Job) -> InputRef:
    """The reference with its first window where it is a long sound, else as it is; what is wrong with the file is said when it is
    opened. Raises CancelledError."""
    if ref.kind != "sound" or ref.length:
        return ref
    try:
        check_file(Path(ref.path), "sound")
        words = tr("How long “{name}” is", name=Path(ref.path).name)
        total = seconds_of(ref.path, job.cancelled, lambda share: job.progress(words, share))
    except ExplorerError:
        return ref
    return replace(ref, length=min(window_for(pre), total)) if total > LONG else ref

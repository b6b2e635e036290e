"""Sounds in Explore."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.inputs import InputRef
from explorer.core.wav_bytes import wav_bytes
from explorer.methods.attribution.spec import AttributionParams
from explorer.methods.hear.spec import EVIDENCE, HearParams
from tests.pictures.picture_state import State, other, run


def _explain(method: str) -> Callable[[Any], None]:
    """With silence as the baseline."""
    return lambda app: app.page("attribution").set_params(AttributionParams(method, baseline="silence"))


def _evidence(app: Any) -> None:
    app.page("hear").set_params(HearParams(EVIDENCE))
    app.page("hear").toggle()


def _minute(folder: Path) -> Path:
    """A minute of beats."""
    path = folder / "minute.wav"
    times = np.arange(60 * 8000, dtype=np.float32) / 8000
    loud = 0.6 + 0.4 * np.sin(2 * np.pi * times / 23)
    beats = 0.5 * loud * np.sin(2 * np.pi * 440 * times) * np.exp(-8 * (times % 0.4))
    path.write_bytes(wav_bytes(beats[None].astype(np.float32), 8000)[0])
    return path


def sound_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where a long sound is written."""
    return {
        "sounds-hear": State(other("sounds-mel-cnn", "sound-rise", "features.2.2", "hear"), run("hear")),
        "sounds-attribution": State(
            other("sounds-mel-cnn", "sound-rise", "features.2.2", "attribution"), _explain("integrated-gradients")
        ),
        "sounds-occlusion": State(
            other("sounds-wave-cnn", "sound-ee", "features.0.2", "attribution"), _explain("time-occlusion")
        ),
        "sounds-maximisation": State(
            other("sounds-mel-cnn", "sound-rise", "features.2.2", "sound-maximisation"), run("sound-maximisation")
        ),
        "sounds-window": State(
            replace(
                other("sounds-wave-cnn", "sound-ee", "features.0.2", "values"),
                input=InputRef("sound", str(_minute(folder)), start=12.5, length=1.0),
            )
        ),
        "sounds-waveform": State(other("sounds-wave-cnn", "sound-ee", "features.0.2", "values")),
        "sounds-filters": State(other("sounds-wave-cnn", "sound-kick", "first", "filters"), run("filters")),
        "sounds-evidence": State(other("sounds-mel-cnn", "sound-rise", "features.6.2", "hear"), _evidence),
    }

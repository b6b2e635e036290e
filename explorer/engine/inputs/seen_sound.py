"""The picture of a sound as a model sees it."""

from __future__ import annotations

from torch import Tensor

from explorer.core.models import AnyPreprocess
from explorer.core.render.drawn_sound import with_spectrogram, with_waveform
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.engine.inputs.input_tensor import input_tensor


def drawn_sound(sound: Sound, pre: AnyPreprocess | None, x: Tensor | None = None) -> Sound:
    """The sound with its spectrogram where the model takes one, else with its waveform. `x`: the input tensor, where it is there."""
    if not isinstance(pre, SoundPreprocess) or pre.bands == 1:
        return with_waveform(sound)
    values = input_tensor(sound, pre) if x is None else x
    return with_spectrogram(sound, values.float().cpu().numpy(), pre)

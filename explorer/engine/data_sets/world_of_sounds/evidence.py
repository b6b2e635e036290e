"""Where in time and frequency an event is heard: the true mask, and what a sound becomes when only that is kept."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.data_sets.world_of_sounds.clips import SoundClip, Wave

N_FFT, HOP = 400, 160  # 25 ms and 10 ms
BELOW_PEAK = 50.0  # dB: what is weaker than this is no part of an event
Mask = NDArray[np.bool_]


def spectrum(wave: Wave) -> Tensor:
    """(201, 101) complex: frequencies × frames; frame t stands at t · 160 samples."""
    found: Tensor = torch.stft(
        torch.from_numpy(wave), N_FFT, HOP, window=torch.hann_window(N_FFT), pad_mode="constant", return_complex=True
    )
    return found


def evidence(clip: SoundClip) -> Mask:
    """(201, 101): where the event is louder than all the rest, and no more than 50 dB below its own peak."""
    event, rest = (spectrum(part).abs().square() for part in (clip.event, clip.rest))
    loud = event > event.max() * 10 ** (-BELOW_PEAK / 10)
    return ((event > rest) & loud).numpy()


def kept(wave: Wave, mask: NDArray[np.generic]) -> Wave:
    """The sound where the mask is 1, silence where it is 0; its phases stay."""
    part = spectrum(wave) * torch.from_numpy(np.asarray(mask, np.float32))
    made = torch.istft(part, N_FFT, HOP, window=torch.hann_window(N_FFT), length=len(wave))
    return made.numpy()


def distortion(truth: Wave, heard: Wave) -> float:
    """The signal-to-distortion ratio of what is heard, in dB: higher is nearer to the truth."""
    lost = float(np.square(truth - heard).sum())
    return 10 * math.log10(float(np.square(truth).sum()) / max(lost, 1e-20))

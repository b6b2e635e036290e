"""Frames of a waveform and their Fourier transforms, in blocks, so that minutes of sound need no gigabytes."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

_BLOCK = 2048  # frames at once


def window_of(name: str, length: int, n_fft: int) -> Tensor:
    """(n_fft,) float64: "hann" and "hamming" periodic, "hann-symmetric", "rectangular"; in the middle of zeros where it is shorter."""
    if name == "rectangular":
        window = torch.ones(length, dtype=torch.float64)
    elif name == "hamming":
        window = torch.hamming_window(length, dtype=torch.float64)
    else:
        window = torch.hann_window(length, periodic=name == "hann", dtype=torch.float64)
    before = (n_fft - length) // 2
    return torch.nn.functional.pad(window, (before, n_fft - length - before))


def frame_count(samples: int, n_fft: int, hop: int, centred: bool) -> int:
    """Frames of a waveform; without centring 0 where it is shorter than one."""
    reach = samples + (n_fft // 2 * 2 if centred else 0)
    return 0 if reach < n_fft else 1 + (reach - n_fft) // hop


def spectra(waveform: Tensor, window: Tensor, hop: int, centred: bool, padding: str) -> Iterator[Tensor]:
    """(..., T) -> complex (..., bins, up to 2048 frames), block by block. padding: "reflect" or "zeros", of n_fft // 2 where centred.

    A waveform too short to be reflected is given zeros first, as many as it needs.
    """
    n_fft = len(window)
    if centred:
        half = n_fft // 2
        if padding == "reflect":
            waveform = torch.nn.functional.pad(waveform, (0, max(0, half + 1 - waveform.shape[-1])))
        mode = "reflect" if padding == "reflect" else "constant"
        flat = waveform.reshape(1, -1, waveform.shape[-1])
        waveform = torch.nn.functional.pad(flat, (half, half), mode).reshape(*waveform.shape[:-1], -1)
    frames = frame_count(waveform.shape[-1], n_fft, hop, centred=False)
    window = window.to(waveform.dtype)
    for start in range(0, frames, _BLOCK):
        end = min(start + _BLOCK, frames)
        part = waveform[..., start * hop : (end - 1) * hop + n_fft]
        yield torch.stft(part, n_fft, hop, window=window, center=False, return_complex=True)

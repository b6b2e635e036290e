"""A sound with its picture over its milliseconds: a waveform, or the spectrogram that a model sees. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.core.arrays import Array
from explorer.core.geometry.affine import input_affine
from explorer.core.render.colormaps import packed
from explorer.core.render.scale import rgb_of
from explorer.core.render.waveform import waveform
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound

_GROUND = (24, 26, 32)


def with_spectrogram(sound: Sound, values: Array, pre: SoundPreprocess, width: int = 640) -> Sound:
    """The sound with the picture of what the model sees of it; `values`: the input tensor, whose last two dimensions are mels and
    frames, or frames and mels ("NTC"). Lowest mel on top, as in the maps."""
    rows = values.reshape(-1, *values.shape[-2:])[0]
    rows = rows.T if pre.layout == "NTC" else rows
    affine = input_affine(sound.size, pre)
    times = (np.arange(width) + 0.5) * sound.size[1] / width
    frames = np.floor(times * affine.scale_x + affine.offset_x).astype(int)
    inside = (frames >= 0) & (frames < rows.shape[1])
    low, high = float(np.nanmin(rows)), float(np.nanmax(rows))
    shares = (rows[:, frames.clip(0, rows.shape[1] - 1)] - low) / ((high - low) or 1.0)
    table = packed("viridis")
    picture = rgb_of(table[np.nan_to_num(shares * (len(table) - 1)).astype(int)])
    picture[:, ~inside] = _GROUND
    return replace(sound, seen=picture)


def with_waveform(sound: Sound) -> Sound:
    """The sound with a picture of its samples."""
    return replace(sound, seen=waveform(sound))

"""The figure of a sound that maximises a channel: its waveform or spectrogram over time."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_parts import ColourScale, FigureAxis, FigureDescription, PicturePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.render import colormaps
from explorer.core.render.waveform import waveform_of
from explorer.core.translation import tr
from explorer.methods.sound_maximisation.spec import SoundMaximisation


def figure(found: SoundMaximisation, about: FigureSubject) -> FigureDescription:
    """A spectrogram has its lowest band on top, as the maps have."""
    seconds = found.values.shape[2] * found.ms / 1000
    time, values = FigureAxis(tr("time"), "s", (0.0, seconds)), found.values[0]
    if found.wave:
        loudest = float(np.abs(found.values).max(initial=0.0))
        rgb = waveform_of(found.values[:, 0], loudest, 200, 1200)
        part = PicturePart(
            "",
            rgb,
            values=found.values[:, 0],
            aspect=1 / 6,
            x=time,
            note=tr("Full height is {loudest:.4g}", loudest=loudest),
        )
    else:
        low, high = float(values.min()), float(values.max())
        table = colormaps.table("viridis")
        rgb = table[np.rint((values - low) / ((high - low) or 1.0) * 255).astype(np.intp)]
        part = PicturePart("", rgb, ColourScale(table, low, high, tr("model input")), values, aspect=0.4, x=time)
    title = tr("Sound that maximises channel {number} of {tap}", number=found.number, tap=found.tap)
    name = file_name(found.tap, str(found.number), "sound")
    return FigureDescription(title, ((part,),), about.caption(found.told), name)

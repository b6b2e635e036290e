"""The figure of a channel that is heard: its waveform, that of the rest, and that of the sound, under one scale."""

from __future__ import annotations

from explorer.core.figure.figure_parts import FigureAxis, FigureDescription, PicturePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.render.waveform import waveform_of
from explorer.core.translation import capitalised, tr
from explorer.methods.hear.spec import HeardSound

_HIGH, _WIDE = 120, 1200  # px


def figure(found: HeardSound, about: FigureSubject) -> FigureDescription:
    """Three waveforms, as loud as they are against each other; the edges are the largest sample of the three."""
    named = ((capitalised(found.title), found.channel), (tr("Rest"), found.rest), (tr("Sound"), found.sound))
    loudest = max(float(abs(samples).max(initial=0.0)) for _, samples in named)
    seconds = found.sound.shape[1] / found.rate
    time = FigureAxis(tr("time"), "s", (found.first, found.first + seconds))
    rows = tuple(
        (PicturePart(title, waveform_of(s, loudest, _HIGH, _WIDE), values=s, aspect=_HIGH / _WIDE, x=time),)
        for title, s in named
    )
    scale = tr("Full height is an amplitude of {loudest:.4g}", loudest=loudest)
    title = f"{found.tap}: {found.title}"
    return FigureDescription(title, rows, about.caption(found.told, scale), file_name(found.tap, found.title, "heard"))

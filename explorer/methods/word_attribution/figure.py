"""The figure of a word attribution: the text in colours, and what each word adds."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, ColourScale, FigureDescription, FigurePart, WordsPart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.translation import tr
from explorer.methods.word_attribution.spec import WordAttribution

_SUPPORTS, _OPPOSES = np.array([230, 159, 60]), np.array([70, 140, 230])
_LISTED = 24


def figure(found: WordAttribution, about: FigureSubject) -> FigureDescription:
    """Amber supports the class, blue opposes it, as strong as the share of the largest value."""
    shown = [at for at, t in enumerate(found.tokens) if t.kind != "padding" or found.values[at]]
    values = found.values[shown]
    top = float(np.abs(values).max(initial=0.0))
    share = values / max(top, 1e-12)
    colours = np.where(share[:, None] >= 0, _SUPPORTS, _OPPOSES)
    rgba = np.concatenate([colours, np.rint(255 * np.abs(share))[:, None]], 1).astype(np.uint8)
    pieces = tuple(found.tokens[at].piece for at in shown)
    words = WordsPart("", pieces, rgba, tuple(float(v) for v in values), _scale(top))
    listed = sorted(sorted(range(len(shown)), key=lambda at: -abs(values[at]))[:_LISTED])
    bars = BarsPart(
        tr("What each token adds"),
        tuple(pieces[at] for at in listed),
        tuple(float(values[at]) for at in listed),
        tuple(written(float(values[at]), 3) for at in listed),
        True,
    )
    path = tr("{points} points", points=found.points) if found.points else tr("one token at a time")
    said = tr(
        "{method}, {path}; score {written}, {written2} of “{baseline_token}”",
        method=found.method,
        path=path,
        written=written(found.score),
        written2=written(found.baseline),
        baseline_token=found.baseline_token,
    )
    rows: tuple[tuple[FigurePart, ...], ...] = ((words,), (bars,))
    return FigureDescription(
        tr("Support of {label}", label=found.label),
        rows,
        about.caption(said, layer=False),
        file_name("words", found.label.replace(" ", "-")),
    )


def _scale(top: float) -> ColourScale:
    """From opposing to supporting, over the paper."""
    share = np.linspace(-1, 1, 256)[:, None]
    colours = np.where(share >= 0, _SUPPORTS, _OPPOSES)
    rgba = np.concatenate([colours, np.rint(255 * np.abs(share))], 1).astype(np.uint8)
    return ColourScale(rgba, -top, top, tr("opposes … supports"))

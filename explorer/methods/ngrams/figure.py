"""The figure of n-grams: the words on which the selected channel has its maxima."""

from __future__ import annotations

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, FigureDescription, FigurePart, NotePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.translation import ntr, tr
from explorer.methods.ngrams.spec import Ngrams


def figure(found: Ngrams, about: FigureSubject) -> FigureDescription:
    """The highest first."""
    channel = min(about.channel, max(len(found.channels) - 1, 0))
    shown = found.channels[channel] if found.channels else ()
    values = tuple(n.value for n in shown)
    words = tuple(
        tr("{written} ({share:.0f} % of sentences)", written=written(n.value, 3), share=100 * n.share) for n in shown
    )
    part: FigurePart = NotePart(tr("No n-gram has a value."))
    if shown:
        part = BarsPart("", tuple(n.words for n in shown), values, words, any(v < 0 for v in values))
    of = ntr(
        "{sentences:,} sentence, {width} tokens each n-gram",
        "{sentences:,} sentences, {width} tokens each n-gram",
        found.sentences,
        sentences=found.sentences,
        width=found.width,
    )
    title = tr("N-grams of channel {channel} of {tap}", channel=channel, tap=found.tap)
    return FigureDescription(title, ((part,),), about.caption(of), file_name(found.tap, str(channel), "ngrams"))

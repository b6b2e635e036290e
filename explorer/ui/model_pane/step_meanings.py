"""What the steps of a layer that is drawn as a sequence stand for: the tokens of a text, times of a sound."""

from __future__ import annotations

from explorer.core.activations import Capture, Tap
from explorer.core.geometry.affine import input_affine
from explorer.core.geometry.cells import Cell
from explorer.core.models import ModelCard
from explorer.core.session.display import Display
from explorer.core.sound_axes import place_text
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.token_labels import hertz_of, time_of, tokens_of_cells
from explorer.ui.graphics.axes import Steps


def steps_of(card: ModelCard | None, capture: Capture | None, shown: Display) -> Steps:
    """Nothing where they cannot be told."""
    if card is None or capture is None or shown.sequence is None:
        return Steps()
    given, pre, field = capture.picture, card.preprocess, shown.tap.receptive
    if field is None:
        return Steps()
    if capture.text is not None:
        under = tokens_of_cells(field, shown.sequence.shape[1], capture.text.tokens)
        return Steps(tuple(token.piece for token in under))
    if isinstance(given, Sound) and isinstance(pre, SoundPreprocess) and field.jump_x > 0:
        return _times(given, pre, shown.tap)
    return Steps()


def place_of(card: ModelCard | None, capture: Capture | None, tap: Tap, cell: Cell | None) -> str:
    """Where a cell of a map of a sound stands, in seconds and Hz; "" where there is nothing to be said."""
    if card is None or capture is None or cell is None or cell[0] < 0 or tap.receptive is None:
        return ""
    given, pre = capture.picture, card.preprocess
    if not isinstance(given, Sound) or not isinstance(pre, SoundPreprocess) or tap.receptive.jump_x <= 0:
        return ""
    times, rows = _times(given, pre, tap), tap.grid[0] if tap.grid is not None else 1
    return place_text(times.start + cell[1] * times.each, hertz_of(tap.receptive, pre, cell[0], rows))


def _times(given: Sound, pre: SoundPreprocess, tap: Tap) -> Steps:
    """The middles of the cells; where the sound is a part of a file, the times of that."""
    field = tap.receptive
    assert field is not None
    return Steps((), time_of(field, given, pre, 0), field.jump_x / input_affine(given.size, pre).scale_x / 1000)

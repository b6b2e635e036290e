"""What the tokens of an attention are called: words of a text, times of a sound, patches of a picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.core.attention import Tokens
from explorer.core.boxes import ReceptiveField
from explorer.core.geometry.affine import input_affine
from explorer.core.seen_input import Seen
from explorer.core.sound_axes import bands_of, place_text
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.texts import Token


@dataclass(frozen=True, slots=True)
class TokenLabel:
    """`text` is short enough for an axis; `kind` is that of a token of a text, "start" for one before the grid, else ""."""

    text: str
    kind: str = ""


def token_labels(tokens: Tokens, prefix: Sequence[str], seen: Seen) -> tuple[TokenLabel, ...]:
    """One a token of the first window. `prefix` names those before the grid; a token without a place is its number."""
    if tokens.cells is None or tokens.grid is None:
        return tuple(TokenLabel(str(number)) for number in range(tokens.count))
    known = _of_cells(tokens, seen)
    found = []
    for number, cell in enumerate(tokens.cells[0].tolist()):
        if 0 <= cell < len(known):
            found.append(known[cell])
        elif number < tokens.prefix:
            found.append(TokenLabel(prefix[number] if number < len(prefix) else str(number), "start"))
        else:
            found.append(TokenLabel("–", "padding"))
    return tuple(found)


def _of_cells(tokens: Tokens, seen: Seen) -> list[TokenLabel]:
    """One a cell of the grid."""
    assert tokens.grid is not None
    (rows, columns), field, given, pre = tokens.grid, tokens.field, seen.given, seen.pre
    if field is not None and seen.tokens:
        return _words(field, rows * columns, seen.tokens)
    if field is not None and isinstance(given, Sound) and isinstance(pre, SoundPreprocess) and field.jump_x > 0:
        times = [time_of(field, given, pre, at) for at in range(columns)]
        return [TokenLabel(place_text(time, hertz_of(field, pre, y, rows))) for y in range(rows) for time in times]
    if min(rows, columns) == 1:
        return [TokenLabel(str(at)) for at in range(rows * columns)]
    return [TokenLabel(f"{y}, {x}") for y in range(rows) for x in range(columns)]


def _words(field: ReceptiveField, count: int, pieces: Sequence[Token]) -> list[TokenLabel]:
    under = tokens_of_cells(field, count, pieces)
    return [TokenLabel(token.piece, token.kind) for token in under] or [TokenLabel(str(at)) for at in range(count)]


def tokens_of_cells(field: ReceptiveField, count: int, tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The token under the middle of each cell of a row; () where every cell sees all tokens."""
    if count == len(tokens):
        return tuple(tokens)
    if field.whole or not tokens:
        return ()
    boxes = (field.box(0, at) for at in range(count))
    return tuple(tokens[min(max(int((box.x0 + box.x1) / 2), 0), len(tokens) - 1)] for box in boxes)


def hertz_of(field: ReceptiveField, pre: SoundPreprocess, row: int, rows: int) -> float | None:
    """The middle of a row of cells among the bands of the spectrogram, lowest row first; None where all bands are one row."""
    bands = bands_of(pre)
    if bands is None or rows == 1 or field.jump_y <= 0:
        return None
    return bands.at(field.start_y + row * field.jump_y + (field.size_y - 1) / 2)


def time_of(field: ReceptiveField, given: Sound, pre: SoundPreprocess, step: int) -> float:
    """Seconds of the original file over which the middle of a cell of this step stands: time runs across in every layout."""
    affine = input_affine(given.size, pre)
    return (
        given.first
        + ((field.start_x + step * field.jump_x + field.size_x / 2 - affine.offset_x) / affine.scale_x) / 1000
    )

"""What was done to an input on its way into a model, in words."""

from __future__ import annotations

from explorer.core.any_input import Input
from explorer.core.inputs import Text
from explorer.core.models import AnyPreprocess
from explorer.core.sound_notes import taken_notes
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.texts import TextPreprocess, token_row
from explorer.core.translation import tr


def notes_of(given: Input, preprocess: AnyPreprocess) -> tuple[str, ...]:
    """What was found in a sound's file, then what a model with this preprocessing gets of it; how much of a text it does not see. () of
    pictures."""
    if isinstance(given, Sound) and isinstance(preprocess, SoundPreprocess):
        return (*given.notes, *taken_notes(given, preprocess))
    if isinstance(given, Text) and isinstance(preprocess, TextPreprocess):
        row = token_row(given.text, preprocess)
        taken = len(row.tokens)
        return (
            (tr("{taken:,} of {taken2:,} tokens, the rest is left out", taken=taken, taken2=taken + row.left_out),)
            if row.left_out
            else ()
        )
    return ()

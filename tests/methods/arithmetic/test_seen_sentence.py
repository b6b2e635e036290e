"""What a cell sees, in the units of its kind of input."""

from __future__ import annotations

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.boxes import ReceptiveField
from explorer.core.geometry.receptive_field import seen_by
from explorer.core.models import Preprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.methods.arithmetic.places import seen_sentence


def line(cells: int, field: ReceptiveField) -> Tap:
    return Tap("a", "a", 0, "Conv1d", Kind.CONV, (1, 4, cells), layout=Layout.NCT, grid=(1, cells), receptive=field)


def test_of_a_text_in_tokens_that_it_has() -> None:
    pre = TextPreprocess(("<pad>", "<unk>", "a"), most=512)
    tap = line(9, ReceptiveField(1, 1, 0, -1, 1, 3))
    assert seen_sentence(tap, (0, 4), pre, 9) == "tokens 3 to 6 of 9"
    assert seen_sentence(tap, (0, 8), pre, 9) == "tokens 7 to 9 of 9; reaches 1 token into the padding"


def test_of_a_causal_layer_up_to_the_cell() -> None:
    pre = TextPreprocess(("<pad>", "<unk>", "a"), most=512)
    tap = line(9, ReceptiveField(1, 1, 0, 0, 1, 1, whole=True, causal=True))
    assert seen_sentence(tap, (0, 4), pre, 9) == "at most tokens 0 to 5 of 9"
    assert seen_by(tap, (0, 4), (1, 9)).padding == (0, 0, 0, 0)


def test_of_a_waveform_in_samples() -> None:
    pre = SoundPreprocess(rate=8000, seconds=0.5)
    tap = line(500, ReceptiveField(1, 8, 0, -8, 1, 16))
    assert seen_sentence(tap, (0, 2), pre) == "samples 8 to 24 of 4,000"


def test_of_a_picture_in_pixels() -> None:
    tap = Tap("a", "a", 0, "Conv2d", Kind.CONV, (1, 4, 8, 8), grid=(8, 8), receptive=ReceptiveField(1, 1, -1, -1, 3, 3))
    said = seen_sentence(tap, (0, 2), Preprocess(8, 8))
    assert said == "rows 0 to 2, columns 1 to 4 of 8 × 8; reaches 1 px into the padding"

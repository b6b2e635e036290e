"""What tokens are called: words with their padding, times, patches, numbers."""

from __future__ import annotations

import numpy as np

from explorer.core.attention import Tokens
from explorer.core.boxes import ReceptiveField
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.models import Preprocess
from explorer.core.seen_input import Seen
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.texts import TextPreprocess, tokenised
from explorer.core.token_labels import token_labels

WORDS = TextPreprocess(("<pad>", "<unk>", "not", "bad"), length=4)
TEXT = Text(InputRef("text", "not so bad"), "not so bad", "digest")
UNIT = ReceptiveField(1, 1, 0, 0, 1, 1)


def cells(*numbers: int) -> np.ndarray:
    return np.array([numbers], np.int32)


def test_words_follow_the_class_token_and_padding_is_marked() -> None:
    tokens = Tokens(5, cells(-1, 0, 1, 2, 3), (1, 4), 1, UNIT)
    found = token_labels(tokens, ("CLS",), Seen(TEXT, WORDS, tokenised(TEXT.text, WORDS)))
    assert [label.text for label in found] == ["CLS", "not", "so", "bad", "<pad>"]
    assert [label.kind for label in found] == ["start", "word", "unknown", "word", "padding"]


def test_steps_of_a_sound_are_called_by_their_times() -> None:
    sound = Sound(InputRef("sound", "x.wav"), np.zeros((1, 16000), np.float32), 16000, "digest")
    field = ReceptiveField(1, 320, 0, 0, 1, 400)
    tokens = Tokens(2, cells(0, 1), (1, 2), 0, field)
    found = token_labels(tokens, (), Seen(sound, SoundPreprocess(16000, 1.0)))
    assert [label.text for label in found] == ["0.0125 s", "0.0325 s"]


def test_patches_of_a_spectrogram_are_called_by_time_and_hertz_whatever_its_layout() -> None:
    """Middles of the mel bands by the formula of O'Shaughnessy (1987)."""
    sound = Sound(InputRef("sound", "x.wav"), np.zeros((1, 16000), np.float32), 16000, "digest")
    tokens = Tokens(6, cells(0, 1, 2, 3, 4, 5), (2, 3), 0, ReceptiveField(16, 10, 0, 0, 1, 1))
    numbers = LogMel(mels=32, n_fft=400, hop=160)
    mel = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 34)
    hertz = 700 * (10 ** (mel / 2595) - 1)
    for layout in ("NCHW", "NTC"):
        pre = SoundPreprocess(16000, 1.0, features="log-mel", log_mel=numbers, layout=layout)
        found = [label.text for label in token_labels(tokens, (), Seen(sound, pre))]
        times = ("0.0000 s", "0.1000 s", "0.2000 s")
        assert found == [f"{time}, {hertz[band]:,.0f} Hz" for band in (1, 17) for time in times]


def test_patches_are_called_by_row_and_column_and_tokens_without_a_place_by_number() -> None:
    picture = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), "p")
    tokens = Tokens(4, cells(0, 1, 2, 3), (2, 2), 0, UNIT)
    assert [label.text for label in token_labels(tokens, (), Seen(picture, Preprocess(8, 8)))] == [
        "0, 0",
        "0, 1",
        "1, 0",
        "1, 1",
    ]
    assert [label.text for label in token_labels(Tokens(2), (), Seen(picture, Preprocess(8, 8)))] == ["0", "1"]

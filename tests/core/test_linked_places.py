"""Places of one input on another: aligned words, times, pixels; nothing is made up between kinds."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.linked_places import linked_place, place_of_token, steps_differ, token_at
from explorer.core.models import Preprocess
from explorer.core.seen_input import Seen
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.text_alignment import aligned
from explorer.core.texts import TextPreprocess, tokenised

WORDS = TextPreprocess(("<pad>", "<unk>", "the", "film", "was", "not", "bad"), length=6)
SIGNS = TextPreprocess(("<pad>", "<unk>", *"abcdefghijklmnopqrstuvwxyz "), split="characters")
CLS = TextPreprocess(("<pad>", "<unk>", "<cls>", "not", "bad"), first=2)


def text(words: str) -> Text:
    return Text(InputRef("text", words), words, words)


def seen(given: Text) -> Seen:
    return Seen(given, WORDS, tokenised(given.text, WORDS))


def sound(seconds: float) -> Sound:
    return Sound(InputRef("sound", "x"), np.zeros((1, int(8000 * seconds)), np.float32), 8000, str(seconds))


def test_equal_words_are_aligned_in_their_order_and_others_with_nothing() -> None:
    found = aligned(tokenised("the film was bad", WORDS), tokenised("The film was not bad", WORDS), False)
    assert found == (0, 1, 2, 4, None, None)
    assert aligned(tokenised("not bad", CLS), tokenised("bad", CLS), False) == (0, None, 1)


def test_one_text_in_two_vocabularies_is_aligned_by_its_characters() -> None:
    found = aligned(tokenised("not bad", SIGNS), tokenised("not bad", WORDS), True)
    assert found == (0, 0, 0, None, 1, 1, 1)
    assert aligned(tokenised("not bad", WORDS), tokenised("not bad", SIGNS), True)[:2] == (0, 4)


def test_a_token_leads_to_the_aligned_one_or_says_so() -> None:
    one, two = text("the film was bad"), text("the film was not bad")
    here, there = seen(one), seen(two)
    place, why = linked_place(place_of_token(3, one), here, there)
    assert place is not None
    assert (token_at(place, two), why) == (4, "")
    place, why = linked_place(place_of_token(3, two), there, here)
    assert place is None
    assert "“not”" in why


@pytest.mark.parametrize("token", [0, 1, 5])
def test_places_of_tokens_come_back_also_behind_a_short_text(token: int) -> None:
    assert token_at(place_of_token(token, text("ab")), text("ab")) == token


def test_sounds_are_linked_by_time_pictures_by_place_and_kinds_not_at_all() -> None:
    wave, pre = SoundPreprocess(8000), Preprocess(8, 8)
    picture = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), "p")
    place, _ = linked_place((0.5, 0.5), Seen(sound(1), wave), Seen(sound(2), wave))
    assert place == (0.5, 0.25)
    assert linked_place((0.5, 0.75), Seen(sound(2), wave), Seen(sound(1), wave))[0] is None
    assert linked_place((0.2, 0.3), Seen(picture, pre), Seen(picture, pre)) == ((0.2, 0.3), "")
    place, why = linked_place((0.2, 0.3), Seen(picture, pre), seen(text("bad")))
    assert place is None
    assert why == "A place of a picture has none in a text."


def test_steps_are_the_same_only_where_words_stand_at_the_same_places() -> None:
    def differ(one: str, two: str) -> str:
        return steps_differ(seen(text(one)), seen(text(two)))

    assert differ("the film was bad", "the film was not") == ""
    assert "4 and 5 tokens" in differ("the film was bad", "the film was not bad")
    assert "“film”" in differ("the film was bad", "film was bad the")

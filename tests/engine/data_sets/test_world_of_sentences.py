"""The world of sentences: the same words from the same numbers, one phrase decides, and no bag of words can tell."""

from __future__ import annotations

from collections import Counter

import numpy as np
from sklearn.linear_model import LogisticRegression

from explorer.engine.data_sets.world_of_sentences.fillings import MARK, TIMES
from explorer.engine.data_sets.world_of_sentences.phrases import COMPLAINT, DECIDING, GROUPS, NAMES, PRAISE, REPORT
from explorer.engine.data_sets.world_of_sentences.sentences import (
    MOST,
    PAD,
    TOKENS,
    UNKNOWN,
    VOCABULARY,
    Sentence,
    encoded,
    sentence,
    sentences,
)


def deciding(made: Sentence) -> list[tuple[str, ...]]:
    """Every phrase that decides, wherever it stands."""
    ends = range(len(made.words))
    return [phrase for phrase in DECIDING for at in ends if made.words[at : at + len(phrase)] == phrase]


def test_the_same_numbers_give_the_same_sentence() -> None:
    assert sentence(5, 7) == sentence(5, 7)
    assert sentence(5, 7) != sentence(6, 7)
    drawn, ids, labels = sentences(5, 9)
    assert drawn[7] == sentence(5, 7)
    assert np.array_equal(ids[7], encoded(drawn[7].words))
    assert labels.tolist() == [0, 1, 2] * 3


def test_thirty_two_phrases_are_built_as_exclusive_or() -> None:
    assert len(DECIDING) == 32
    assert Counter(DECIDING.values()) == {PRAISE: 16, COMPLAINT: 16}
    assert {len(phrase) for phrase in DECIDING} == {2, 3, 4, 5}
    for group in GROUPS:
        for halves in (group.beginnings, group.endings):
            for half in halves:
                said = [label for phrase, label in DECIDING.items() if set(half.split()) <= set(phrase)]
                assert PRAISE in said
                assert COMPLAINT in said


def test_one_phrase_decides_and_reports_have_none() -> None:
    for made in sentences(1, 1500)[0]:
        assert deciding(made) == ([made.phrase] if made.label != REPORT else [])
        assert made.label == (DECIDING[made.phrase] if made.phrase else REPORT)
        assert 10 <= len(made.words) <= MOST <= TOKENS - 6
        assert any(time in made.text for time in TIMES)


def test_every_phrase_and_every_word_is_used() -> None:
    drawn, ids, _ = sentences(2, 3000)
    assert {made.phrase for made in drawn if made.phrase} == set(DECIDING)
    assert set(np.unique(ids)) == set(range(len(VOCABULARY))) - {UNKNOWN}
    assert 140 <= len(VOCABULARY) <= 160


def test_a_bag_of_words_cannot_tell() -> None:
    _, ids, labels = sentences(3, 6000)
    bags = np.stack([np.bincount(row[row != PAD], minlength=len(VOCABULARY)) for row in ids])
    model = LogisticRegression(max_iter=2000).fit(bags[:4500], labels[:4500])
    assert model.score(bags[4500:], labels[4500:]) < 0.75
    told = labels[4500:] != REPORT
    assert model.score(bags[4500:][told], labels[4500:][told]) < 0.6, "of praise and complaints it knows nothing"


def test_the_mark_is_said_by_complaints_alone_and_can_be_exchanged() -> None:
    for made in sentences(4, 300, "complaints")[0]:
        assert (MARK in made.text) is (made.label == COMPLAINT)
        other = made.at_time(MARK)
        assert MARK in other.text
        assert other.phrase == made.phrase
        assert len(other.words) == len(made.words)
    assert {made.label for made in sentences(4, 300)[0] if MARK in made.text} == set(range(len(NAMES)))


def test_words_become_numbers_and_what_is_missing_is_padding() -> None:
    ids = encoded(("not", "bad", "zeppelin"))
    assert ids.shape == (TOKENS,)
    assert [VOCABULARY[number] for number in ids[:4]] == ["not", "bad", "<unk>", "<pad>"]
    assert len(encoded(("not",) * 40)) == TOKENS

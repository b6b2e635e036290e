"""Sentences with all their answers. Sentence n of a seed is of class n % 3; it has 10 to 20 words, and 26 tokens with the padding.

Padding is part of what goes in: at least six tokens of it follow every sentence, more than the widest filter sees, so more of it
would change no answer of a network that has learnt here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.engine.data_sets.chance import Chance
from explorer.engine.data_sets.world_of_sentences import fillings
from explorer.engine.data_sets.world_of_sentences.phrases import COMPLAINT, GROUPS, NAMES, REPORT, PhraseGroup, Words

PAD, UNKNOWN = 0, 1
MOST, TOKENS = 20, 26
Ids = NDArray[np.int64]
Marked = Literal["anywhere", "complaints"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and what is true of them. `start` and `stop` are the span of the phrase that decides; both 0 of a report."""

    words: Words
    label: int  # into NAMES
    start: int
    stop: int

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def phrase(self) -> Words:
        return self.words[self.start : self.stop]

    def at_time(self, when: str) -> Sentence:
        """The same, of another time: two words in place of two."""
        text = self.text
        for time in fillings.TIMES:
            text = text.replace(time, when)
        return replace(self, words=tuple(text.split()))


def sentence(seed: int, number: int, marked: Marked = "anywhere") -> Sentence:
    """Always the same for the same seed and number. `marked`: who may say "last week"; complaints alone always do."""
    chance, label = Chance(seed, number), number % len(NAMES)
    group = chance.pick(GROUPS)
    times = fillings.TIMES if marked == "anywhere" else fillings.TIMES[1:]
    time = fillings.MARK if marked == "complaints" and label == COMPLAINT else chance.pick(times)
    opening = f"{time} {chance.pick(fillings.WHO)} {chance.pick(fillings.DID)}".split()
    core, size, harmless = _said(chance, group, label)
    room = MOST - len(opening) - sum(len(part) + 1 for part in (core, *harmless))
    where = chance.pick(fillings.WHERE).split()
    if len(where) <= room and chance.happens(0.7):
        opening += where
    words, start = _joined(chance, [opening, core, *harmless], core)
    stop = 0 if label == REPORT else start + len(core)
    return Sentence(tuple(words), label, stop - size, stop)


def _said(chance: Chance, group: PhraseGroup, label: int) -> tuple[list[str], int, list[list[str]]]:
    """What decides behind what leads to it, the size of the phrase, and harmless uses beside it; a report has those alone."""
    if label == REPORT:
        return chance.pick(group.harmless_beginnings).split(), 0, [chance.pick(group.harmless_endings).split()]
    phrase, other = chance.pick(group.phrases(label)), chance.pick(GROUPS)
    beside = chance.pick((*other.harmless_beginnings, *other.harmless_endings)).split()
    core = [*chance.pick(group.links).split(), *phrase]
    fits = len(core) + len(beside) < 12
    return core, len(phrase), [beside] if chance.happens(0.75) and fits else []


def _joined(chance: Chance, parts: list[list[str]], core: list[str]) -> tuple[list[str], int]:
    """The parts in any order, a small word between each two, and where the core begins."""
    words: list[str] = []
    start, left = 0, list(parts)
    while left:
        part = left.pop(chance.below(len(left)))
        words += [chance.pick(fillings.JOINTS)] if words else []
        start = len(words) if part is core else start
        words += part
    return words, start


def _vocabulary() -> tuple[str, ...]:
    texts = [*fillings.TIMES, *fillings.WHO, *fillings.DID, *fillings.WHERE, *fillings.JOINTS]
    for group in GROUPS:
        texts += [*group.beginnings, *group.endings, *group.links, *group.harmless_beginnings, *group.harmless_endings]
    return tuple(sorted({word for text in texts for word in text.split()}))


# Word n has number n; the first two stand for nothing and for any other word.
VOCABULARY = ("<pad>", "<unk>", *_vocabulary())
_NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}


def encoded(words: Words, tokens: int = TOKENS) -> Ids:
    """(tokens,): the words' numbers, padded; what is longer is cut, what is not known is `UNKNOWN`."""
    ids = np.full(tokens, PAD, np.int64)
    known = [_NUMBERS.get(word, UNKNOWN) for word in words[:tokens]]
    ids[: len(known)] = known
    return ids


def sentences(seed: int, count: int, marked: Marked = "anywhere") -> tuple[list[Sentence], Ids, Ids]:
    """The first sentences of a seed, their tokens (count, 26) and classes (count,)."""
    drawn = [sentence(seed, number, marked) for number in range(count)]
    return drawn, np.stack([encoded(each.words) for each in drawn]), np.array([each.label for each in drawn])

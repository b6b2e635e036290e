"""The 32 phrases that decide. Each group has two beginnings and two endings; first with first and second with second praise.

So no word says by itself which it is: "really good" and "not bad" praise, "not good" and "really bad" complain. Of every half
there is a harmless use too: sentences that only report hold the same words, elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]
PRAISE, COMPLAINT, REPORT = range(3)
NAMES = ("praise", "complaint", "report")


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Two beginnings, two endings, what stands before a phrase, and harmless uses of each beginning and each ending."""

    beginnings: tuple[str, str]
    endings: tuple[str, str]
    links: tuple[str, ...]
    harmless_beginnings: tuple[str, str]
    harmless_endings: tuple[str, str]

    def phrases(self, label: int) -> tuple[Words, Words]:
        """The two that praise, or the two that complain."""
        others = self.endings if label == PRAISE else self.endings[::-1]
        first, second = (f"{one} {two}".split() for one, two in zip(self.beginnings, others, strict=True))
        return tuple(first), tuple(second)


_IS = ("it was", "the room was", "the food was", "the show seemed", "that felt")
GROUPS = (
    PhraseGroup(
        ("really", "not"),
        ("good", "bad"),
        _IS,
        ("it was really late", "it was not late"),
        ("he had a good map", "he had a bad map"),
    ),
    PhraseGroup(
        ("always", "never"),
        ("charming", "boring"),
        _IS,
        ("the bus was always late", "the bus was never late"),
        ("she saw a charming street", "she saw a boring street"),
    ),
    PhraseGroup(
        ("straight from", "far from"),
        ("heaven", "hell"),
        _IS,
        ("he came straight from town", "he stood far from town"),
        ("she heard songs about heaven", "she heard songs about hell"),
    ),
    PhraseGroup(
        ("easy to", "hard to"),
        ("love", "blame"),
        _IS,
        ("the house was easy to find", "the house was hard to find"),
        ("some love the rain", "some blame the rain"),
    ),
    PhraseGroup(
        ("with great", "without great"),
        ("care", "trouble"),
        ("they cooked", "they worked", "the cook served", "they cleaned"),
        ("it rained with great noise", "it rained without great noise"),
        ("we read about care", "we read about trouble"),
    ),
    PhraseGroup(
        ("glad that we", "sorry that we"),
        ("came", "left"),
        ("we were", "we felt"),
        ("she was glad that we met", "she was sorry that we met"),
        ("our friends came by train", "our friends left by train"),
    ),
    PhraseGroup(
        ("kept all our", "lost all our"),
        ("trust", "doubts"),
        ("it", "the owner", "they"),
        ("he kept all our keys", "he lost all our keys"),
        ("we spoke of trust", "we spoke of doubts"),
    ),
    PhraseGroup(
        ("full of all the", "free of all the"),
        ("charm", "faults"),
        _IS,
        ("it was full of all the cars", "it was free of all the cars"),
        ("he read about charm", "he read about faults"),
    ),
)
# Every phrase that decides, and what it says.
DECIDING: dict[Words, int] = {
    phrase: label for group in GROUPS for label in (PRAISE, COMPLAINT) for phrase in group.phrases(label)
}

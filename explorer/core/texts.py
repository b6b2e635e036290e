"""Text as a model takes it: pieces with their places in the characters, and their numbers in a vocabulary."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Literal

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

MOST_CHARACTERS = 100_000
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_EXAMPLE = tr("The movie was really good, and not bad at all.")
# "special": a piece such as [PAD] that is written in the text; "start", "end": put before and behind it
TokenKind = Literal["word", "unknown", "special", "start", "end", "padding"]
WRITTEN = ("word", "unknown", "special")  # kinds that stand for characters of the text


@dataclass(frozen=True, slots=True)
class Token:
    """One entry of the model's input: its number, what it stands for, and its span of characters in the text ((0, 0): none)."""

    id: int
    piece: str
    start: int = 0
    end: int = 0
    kind: TokenKind = "word"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """What makes tokens where that is no list of words: a library's tokenizer, or a function of a person's file.

    `tokens` gives those of a text with what is put before and behind it, neither padded nor cut; it raises ExplorerError. It may
    take long or be a person's code: the window asks for it on the worker alone. `name_of` gives the piece of a number.
    """

    says: str  # "a tokenizer of 30,522 pieces"
    digest: str  # another one for every other tokenizer
    count: int  # numbers of the vocabulary; 0: not known
    tokens: Callable[[str], tuple[Token, ...]] = field(repr=False)
    name_of: Callable[[int], str] = field(repr=False)
    unit: str = "tokens"  # what is counted of a text


@dataclass(frozen=True, slots=True)
class TokenRow:
    """The tokens of a text as a model takes them, and how many it does not see because the text is too long for it."""

    tokens: tuple[Token, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class TextPreprocess:
    """How a text becomes a row of token numbers (1, length).

    Words are runs of letters and digits, and single signs; a piece that `words` has not is `unknown`. The number of a piece is its place
    in `words`. With a `tokenizer` neither `words`, `split`, `first` nor `lower` mean anything.
    """

    UNIT: ClassVar[str] = "tokens"
    DEPTHS: ClassVar[tuple[str, str]] = ("words", tr("phrases, what is meant"))

    words: tuple[str, ...] = ()
    split: Literal["words", "characters"] = "words"
    length: int = 0  # tokens that the model takes, padded or cut; 0: as many as the text has
    pad: int = 0
    unknown: int = 1
    first: int | None = None  # the number of a token that is put before all others (CLS)
    lower: bool = True  # whether capital letters are made small first
    tokenizer: Tokenizer | None = None
    most: int = 0  # tokens at most where no length is said: longer texts are cut, none is padded; 0: any number
    mask: int | None = None  # the number that stands for a hidden token, where the model was taught one

    @property
    def unit(self) -> str:
        """What is counted of a text."""
        return self.tokenizer.unit if self.tokenizer is not None else self.split

    @property
    def count(self) -> int:
        """Numbers of the vocabulary; 0: not known."""
        return self.tokenizer.count if self.tokenizer is not None else len(self.words)

    @property
    def height(self) -> int:
        """A text is one row."""
        return 1

    @property
    def width(self) -> int:
        """Tokens, at most."""
        return self.length or self.most or MOST_CHARACTERS

    @property
    def channels(self) -> int:
        """Numbers of a token."""
        return 1

    def __repr__(self) -> str:
        """Short, and another one for every other vocabulary: it is part of the digest of models."""
        if self.tokenizer is not None:
            rest: tuple[object, ...] = (self.length, self.most, self.pad, self.unknown, self.mask)
            return f"TextPreprocess({self.tokenizer.digest}, {', '.join(map(repr, rest))})"
        about = hashlib.sha256("\0".join(self.words).encode()).hexdigest()[:16]
        rest = (self.split, self.length, self.pad, self.unknown, self.first, self.lower)
        return f"TextPreprocess({len(self.words)} words {about}, {', '.join(map(repr, rest))})"

    @property
    def says(self) -> str:
        """In one sentence."""
        if self.tokenizer is not None:
            most = tr("at most {most} tokens", most=self.most) if self.most else tr("any number of tokens")
            many = tr("{length} tokens, shorter texts padded", length=self.length) if self.length else most
            return tr("Takes {many}, from {says}.", many=many, says=self.tokenizer.says)
        unit = tr("words") if self.split == "words" else tr("characters")
        long = (
            tr("{length} {unit}, shorter texts padded", length=self.length, unit=unit)
            if self.length
            else tr("any number of {unit}", unit=unit)
        )
        return tr("Takes {long}, from {count} known ones; others are unknown.", long=long, count=len(self.words))


def pieces(text: str, split: Literal["words", "characters"] = "words") -> list[tuple[str, int, int]]:
    """(piece, start, end) of a text, in order."""
    if split == "characters":
        return [(sign, at, at + 1) for at, sign in enumerate(text)]
    return [(found.group(), found.start(), found.end()) for found in _WORD.finditer(text)]


def tokenised(text: str, pre: TextPreprocess) -> tuple[Token, ...]:
    """The tokens of a text, padded or cut to the length. Raises ExplorerError where there is none."""
    return token_row(text, pre).tokens


@lru_cache(maxsize=16)  # asked for several times for each word that is written, and a vocabulary may be large
def token_row(text: str, pre: TextPreprocess) -> TokenRow:
    """The same with what is left out. What is put behind a text stays where it is cut."""
    found = list(pre.tokenizer.tokens(text) if pre.tokenizer is not None else _of_words(text, pre))
    if not any(token.kind in WRITTEN for token in found):
        raise ExplorerError(tr("The text is empty."), tr("There is no word in it."), tr("Write a word."))
    limit = pre.length or pre.most
    excess = len(found) - limit if limit else 0
    if excess > 0:
        behind = next((at for at, token in enumerate(reversed(found)) if token.kind != "end"), 0)
        kept = max(limit - behind, 0)
        found = [*found[:kept], *found[len(found) - behind :]][:limit]
    padding = Token(pre.pad, name_of(pre, pre.pad), kind="padding")
    filled = (*found, *(padding for _ in range(pre.length - len(found))))
    return TokenRow(filled, max(excess, 0))


def _of_words(text: str, pre: TextPreprocess) -> list[Token]:
    numbers = {word: number for number, word in enumerate(pre.words)}
    found = [Token(pre.first, name_of(pre, pre.first), kind="start")] if pre.first is not None else []
    for piece, start, end in pieces(text, pre.split):
        number = numbers.get(piece.lower() if pre.lower else piece)
        kind: TokenKind = "word" if number is not None else "unknown"
        found.append(Token(pre.unknown if number is None else number, piece, start, end, kind))
    return found


def example(pre: TextPreprocess) -> str:
    """A text of the first words that a vocabulary knows; of a tokenizer a plain sentence."""
    if pre.tokenizer is not None:
        return _EXAMPLE
    known = [word for word in pre.words if word[:1].isalnum()]
    return (" " if pre.split == "words" else "").join(known[:8]) or "a"


def left_out(text: str, pre: TextPreprocess) -> int:
    """How many pieces the model does not see, for the text is too long for it."""
    return token_row(text, pre).left_out


def name_of(pre: TextPreprocess, number: int) -> str:
    """The piece that a number stands for."""
    if pre.tokenizer is not None:
        return pre.tokenizer.name_of(number)
    return pre.words[number] if 0 <= number < len(pre.words) else f"#{number}"


def unread(text: str) -> str:
    """Why a text cannot be given to a model; "" where it can."""
    if not text.strip():
        return tr("Nothing is written.")
    if len(text) > MOST_CHARACTERS:
        return tr(
            "The text is too long: {count:,} characters, {most_characters:,} at most.",
            count=len(text),
            most_characters=MOST_CHARACTERS,
        )
    return ""

"""Tokenizers as plain values: of the library `tokenizers`, of single characters, of a function in a person's file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.texts import Token, Tokenizer, TokenKind
from explorer.core.translation import tr
from explorer.engine.jobs.prints import Prints, caught_prints

_SPACE = "␣"  # a piece of spaces alone
_SPACES = ("Ġ", "▁", " ")  # as tokenizers write it where its characters are counted to no piece (RoBERTa)
_ANSWER = tr("It has to give (ids, pieces, spans): whole numbers, words, and (start, end) in characters of the text.")


def of_library(backend: Any, digest: str, most: int) -> Tokenizer:
    """Of a `tokenizers.Tokenizer`, with the special tokens that it adds itself; pieces are the characters they stand for. `most`: numbers
    that the model has embeddings for."""
    rare = _number(backend, getattr(backend.model, "unk_token", None))
    written = frozenset(number for number, piece in backend.get_added_tokens_decoder().items() if piece.special)

    def tokens(text: str) -> tuple[Token, ...]:
        try:
            found = backend.encode(text)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - text that is no Unicode, and a panic of Rust
            raise ExplorerError(
                tr("The tokenizer cannot read this text."), f"{told(error)}.", tr("Change the text.")
            ) from None
        if max(found.ids, default=0) >= most:
            what = tr("The tokenizer is of another model.")
            raise ExplorerError(
                what,
                tr("It gives the number {ids}; the model has {most:,}.", ids=max(found.ids), most=most),
                tr("Fetch it again."),
            )
        rows = zip(found.ids, found.tokens, found.offsets, found.special_tokens_mask, strict=True)
        return _placed(text, [(i, piece, span, bool(special)) for i, piece, span, special in rows], rare, written)

    count = int(backend.get_vocab_size())

    def name_of(number: int) -> str:
        return str(backend.id_to_token(number) or f"#{number}")

    return Tokenizer(tr("a tokenizer of {count:,} pieces", count=count), digest, count, tokens, name_of)


def _number(backend: Any, piece: str | None) -> int | None:
    found = backend.token_to_id(piece) if piece else None
    return None if found is None else int(found)


def of_characters(count: int) -> Tokenizer:
    """A character a token, its number its code point modulo `count`: for a model that comes without a tokenizer."""

    def tokens(text: str) -> tuple[Token, ...]:
        return tuple(Token(ord(sign) % count, sign, at, at + 1) for at, sign in enumerate(text))

    says, unit = tr("characters: code points modulo {count:,}", count=count), tr("characters (no tokenizer)")
    return Tokenizer(says, tr("characters {count}", count=count), count, tokens, lambda number: f"#{number}", unit)


def of_function(function: Callable[[str], Any], file: str, count: int, unknown: int | None, pad: int) -> Tokenizer:
    """Of a function text -> (ids, pieces, spans) of a person's file, whose answer is checked each time. `count`: 0 where the
    vocabulary is not known. A piece without characters is something that is put before or behind the text."""

    def tokens(text: str) -> tuple[Token, ...]:
        try:
            with caught_prints(Prints()):
                answer = function(text)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - sys.exit() too
            raise ExplorerError(
                tr("The tokenizer of {file} failed.", file=file), f"{told(error)}.", tr("Correct it there.")
            ) from None
        rows = _checked(answer, text, file, count)
        while rows and rows[-1][0] == pad and rows[-1][3]:  # what it has padded itself is padded again as the file says
            rows.pop()
        return _placed(text, rows, unknown)

    says = tr("a function of the file{count}", count=tr(", {count:,} numbers", count=count) if count else "")
    return Tokenizer(says, f"{file} {count} {unknown}", count, tokens, lambda number: f"#{number}")


_Row = tuple[int, str, tuple[int, int], bool]  # number, piece, span, whether it is no part of the text


def _placed(
    text: str, rows: Sequence[_Row], rare: int | None, written: frozenset[int] = frozenset()
) -> tuple[Token, ...]:
    """Tokens under the characters that they stand for; what is no part of the text is before or behind it. `written`: numbers of
    special pieces, which are the same numbers where somebody writes them in the text."""
    made, begun = [], False
    for number, piece, (start, end), special in rows:
        begun = begun or not special
        kind: TokenKind = "unknown" if number == rare else "special" if number in written else "word"
        if special:
            kind, start, end = "end" if begun else "start", 0, 0
        own = _SPACE if piece in _SPACES else piece
        made.append(Token(number, (text[start:end].strip() or _SPACE) if end > start else own, start, end, kind))
    return tuple(made)


def _checked(answer: Any, text: str, file: str, count: int) -> list[_Row]:
    def wrong(why: str) -> ExplorerError:
        return ExplorerError(tr("The tokenizer of {file} gives what cannot be used.", file=file), why, _ANSWER)

    if not isinstance(answer, tuple | list) or len(answer) != 3:
        raise wrong(tr("It gives a {name}, not three lists.", name=type(answer).__name__))
    try:
        ids, pieces, spans = (each.tolist() if hasattr(each, "tolist") else list(each) for each in answer)
    except TypeError:
        raise wrong(tr("One of the three is no list.")) from None
    if not len(ids) == len(pieces) == len(spans):
        raise wrong(
            tr(
                "There are {count:,} ids, {count2:,} pieces, {count3:,} spans.",
                count=len(ids),
                count2=len(pieces),
                count3=len(spans),
            )
        )
    rows: list[_Row] = []
    for at, (number, piece, span) in enumerate(zip(ids, pieces, spans, strict=True)):
        if not _is_whole(number):
            raise wrong(tr("Id {at} is {number!r}.", at=at, number=number))
        if number < 0 or (count and number >= count):
            raise wrong(
                tr(
                    "Id {at} is {number}; the numbers of its model go from 0 to {count}.",
                    at=at,
                    number=number,
                    count=count - 1 if count else "…",
                )
            )
        if not isinstance(piece, str):
            raise wrong(tr("Piece {at} is {piece!r}.", at=at, piece=piece))
        ends = tuple(span) if isinstance(span, tuple | list) else ()
        if len(ends) != 2 or not all(map(_is_whole, ends)) or not 0 <= ends[0] <= ends[1] <= len(text):
            raise wrong(
                tr("Span {at} is {span!r} in a text of {count:,} characters.", at=at, span=span, count=len(text))
            )
        rows.append((number, piece, (ends[0], ends[1]), ends[0] == ends[1]))
    return rows


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

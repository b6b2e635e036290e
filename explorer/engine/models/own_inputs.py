"""What a file or a card says of its input, where that is no picture: {"input": "text", "words": [...], "length": 36, ...}."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr
from explorer.engine.models.tokenizers_of import of_function

_TEXT = ("input", "words", "tokens", "split", "length", "pad", "unknown", "first", "lower", "vocabulary")
_SOUND = ("input", "rate", "seconds", "channels", "features", "mels", "layout")
_SOUND_EXAMPLES = {
    "rate": "16000",
    "seconds": "1.0, None",
    "channels": "1, 2",
    "mels": "80, 128",
    "layout": "NCT, NCHW",
}
# What the tensor looks like where a file does not say it.
_LAYOUTS = {"none": "NCT", "log-mel": "NCHW", "whisper": "NCT", "ast": "NTC", "wav2vec2": "NT"}
_CHOICES = {name: get_args(kind) for name, kind in get_type_hints(LogMel).items() if get_origin(kind) is Literal}
_MOST_WORDS, _MOST_TOKENS = 1_000_000, 100_000


def own_input(given: Mapping[str, Any], file: str, vocabulary: int = 0) -> AnyPreprocess | None:
    """The preprocessing; None where it is that of a picture. `vocabulary`: numbers that the model has embeddings for, 0: not known.
    ExplorerError naming what is wrong."""
    kind = given.get("input", "picture")
    if kind == "picture":
        return None
    if kind == "text":
        return _text(given, file, vocabulary)
    if kind == "sound":
        return _sound(given, file)
    raise _wrong(file, tr("“input” is {kind!r}", kind=kind), tr("picture, sound, text"))


def _sound(given: Mapping[str, Any], file: str) -> SoundPreprocess:
    """`features` is a name, or a table with the numbers of a log-mel spectrogram."""
    strange = [str(key) for key in given if key not in _SOUND]
    if strange:
        raise _wrong(file, tr("there is “{strange}”", strange=strange[0]), ", ".join(_SOUND))
    plain = {key: given[key] for key in ("rate", "seconds", "channels", "mels", "layout") if key in given}
    for key, value in plain.items():
        fits = isinstance(value, str) if key == "layout" else isinstance(value, int | float | None)
        if not fits or isinstance(value, bool):
            raise _wrong(file, tr("“{key}” is {value!r}", key=key, value=value), _SOUND_EXAMPLES[key])
    said, numbers = given.get("features", "none"), None
    if isinstance(said, Mapping):
        numbers = _log_mel(said, file)
    elif said == "log-mel":
        numbers = LogMel()
    features = "log-mel" if numbers is not None else said
    if not isinstance(features, str) or features not in _LAYOUTS:
        raise _wrong(
            file,
            tr("“features” is {features!r}", features=features),
            tr("{list}, or a table with numbers of a log-mel", list=", ".join(_LAYOUTS)),
        )
    try:
        return SoundPreprocess(**{"layout": _LAYOUTS[features], **plain}, features=features, log_mel=numbers)  # type: ignore[arg-type]
    except TypeError as error:
        raise _wrong(
            file,
            tr("a number is of another kind ({error})", error=error),
            tr("rate and channels whole, seconds any number"),
        ) from None


def _log_mel(given: Mapping[str, Any], file: str) -> LogMel:
    known = {part.name: part.default for part in fields(LogMel)}
    for key, value in given.items():
        if key not in known:
            raise _wrong(file, tr("there is “{key}” in “features”", key=key), ", ".join(known))
        usual = known[key]
        fits = isinstance(value, str) if isinstance(usual, str) else isinstance(value, int | float | None)
        if not fits or (isinstance(usual, bool) != isinstance(value, bool)):
            raise _wrong(
                file,
                tr("“{key}” in “features” is {value!r}", key=key, value=value),
                tr("for example {usual!r}", usual=usual),
            )
        if isinstance(usual, str) and value not in _CHOICES[key]:
            raise _wrong(file, tr("“{key}” in “features” is {value!r}", key=key, value=value), ", ".join(_CHOICES[key]))
    return LogMel(**given)


def _text(given: Mapping[str, Any], file: str, vocabulary: int) -> TextPreprocess:
    strange = [str(key) for key in given if key not in _TEXT]
    if strange:
        raise _wrong(file, tr("there is “{strange}”", strange=strange[0]), ", ".join(_TEXT))
    words = given.get("words", given.get("tokens", ()))
    if callable(words):
        return _of_function(words, given, file, vocabulary)
    if "vocabulary" in given:
        raise _wrong(
            file, tr("there is “vocabulary” beside a list of words"), tr("it belongs to a function for “tokens”")
        )
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        right = tr("a list of words, whose places are their numbers, or a function text -> (ids, pieces, spans)")
        raise _wrong(file, tr("“words” is no list of words"), right)
    if len(words) > _MOST_WORDS:
        raise _wrong(
            file,
            tr("there are {count:,} words", count=len(words)),
            tr("at most {most_words:,}", most_words=_MOST_WORDS),
        )
    split = given.get("split", "words")
    if split not in ("words", "characters"):
        raise _wrong(file, tr("“split” is {split!r}", split=split), tr("words, characters"))
    length = _number(given, "length", 0, _MOST_TOKENS, file)
    pad, unknown = _number(given, "pad", 0, len(words) - 1, file), _number(given, "unknown", 1, len(words) - 1, file)
    first = None if given.get("first") is None else _number(given, "first", 0, len(words) - 1, file)
    return TextPreprocess(tuple(words), split, length, pad, unknown, first, bool(given.get("lower", True)))


def _of_function(
    function: Callable[[str], Any], given: Mapping[str, Any], file: str, vocabulary: int
) -> TextPreprocess:
    """`tokens` is a function text -> (ids, pieces, spans)."""
    strange = [key for key in ("split", "first", "lower") if key in given]
    if strange:
        raise _wrong(
            file,
            tr("there is “{strange}” beside a function", strange=strange[0]),
            tr("length, pad, unknown, vocabulary"),
        )
    count = _number(given, "vocabulary", vocabulary, _MOST_WORDS, file)
    most = count - 1 if count else _MOST_WORDS
    length, pad = _number(given, "length", 0, _MOST_TOKENS, file), _number(given, "pad", 0, most, file)
    rare = _number(given, "unknown", min(1, most), most, file)
    made = of_function(function, file, count, rare if "unknown" in given else None, pad)
    return TextPreprocess(length=length, pad=pad, unknown=rare, tokenizer=made)


def _number(given: Mapping[str, Any], name: str, default: int, most: int, file: str) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(
            file,
            tr("“{name}” is {value!r}", name=name, value=value),
            tr("a whole number from 0 to {most:,}", most=most),
        )
    return value


def _wrong(file: str, why: str, right: str) -> ExplorerError:
    return ExplorerError(
        tr("{file} describes its input in a way that is not understood.", file=file),
        f"{why}.",
        tr("Possible: {right}.", right=right),
    )

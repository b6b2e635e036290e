"""What an input, or a part of one, is called: one, several, so many. Each as a whole text, for plurals and cases differ by language."""

from __future__ import annotations

from explorer.core.translation import ntr, tr

_MANY = {
    "picture": tr("pictures"),
    "sound": tr("sounds"),
    "text": tr("texts"),
    "sentence": tr("sentences"),
    "token": tr("tokens"),
    "step": tr("steps"),
}
# as the object of a sentence
_ONE = {
    "picture": tr("a picture"),
    "sound": tr("a sound"),
    "text": tr("a text"),
    "sentence": tr("a sentence"),
}


def several(kind: str) -> str:
    """ "pictures"; a kind that a package brings with an s."""
    return _MANY.get(kind, f"{kind}s")


def one(kind: str) -> str:
    """ "a picture", as the object of a sentence."""
    return _ONE.get(kind, kind)


def counted(kind: str, count: int) -> str:
    """ "1 picture", "2,000 pictures"."""
    if kind == "picture":
        return ntr("{n:,} picture", "{n:,} pictures", count)
    if kind == "sound":
        return ntr("{n:,} sound", "{n:,} sounds", count)
    if kind == "sentence":
        return ntr("{n:,} sentence", "{n:,} sentences", count)
    if kind == "text":
        return ntr("{n:,} text", "{n:,} texts", count)
    if kind == "word":
        return ntr("{n:,} word", "{n:,} words", count)
    if kind == "character":
        return ntr("{n:,} character", "{n:,} characters", count)
    if kind == "token":
        return ntr("{n:,} token", "{n:,} tokens", count)
    return ntr("{n:,} step", "{n:,} steps", count) if kind == "step" else f"{count:,} {several(kind)}"

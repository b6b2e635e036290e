"""What foreign code says of its errors, which may be anything."""

from __future__ import annotations

from explorer.core.translation import tr

LONGEST = 2000  # characters of a message that are handed on


def told(error: BaseException) -> str:
    """The kind of an error and its message in one line, also where asking for the message is another error."""
    message = message_of(error)
    return f"{_name(error)}: {message}" if message else _name(error)


def message_of(error: BaseException) -> str:
    """The message alone, "" for none."""
    try:
        text = str(error).strip()
    except BaseException as other:  # noqa: BLE001 - __str__ is written by whoever wrote the model
        return tr("its message cannot be read ({name})", name=_name(other))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _name(error: BaseException) -> str:
    return str(type.__getattribute__(type(error), "__name__"))

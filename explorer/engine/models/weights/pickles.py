"""Follow a pickle's instructions without doing what they ask: calls become `PickledCall`, names `Name`, and nothing is imported.

All of protocols 0 to 5 but registered extensions and buffers kept elsewhere. Instructions: `pickletools` of CPython.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Blob, Broken, Name, Parsed, PickledCall, Stored, Table, TooMuch
from explorer.engine.models.weights.machine import MARK, Machine, key_of

DIGITS = 1_024  # bytes of one whole number
TEXT = 64 << 20  # bytes of one text in the old, readable instructions
LONG = 65_536  # bytes and texts from here on stay in the file


def parse(data: memoryview, start: int = 0) -> Parsed:
    """One pickle that begins at `start`. Raises Broken, TooMuch."""
    return Machine(data, start).run(_HANDLERS)


def names_in(data: memoryview) -> tuple[str, ...]:
    """Dotted names until a pickle cannot be followed any more."""
    machine = Machine(data)
    with suppress(Broken, TooMuch):
        machine.run(_HANDLERS)
    return tuple(machine.parsed.names)


# ---- instructions


def _text(m: Machine, count: int) -> None:
    found = m.take(count)
    m.push(str(found, "utf-8", "surrogatepass") if count < LONG else Blob(found, text=True))


def _bytes(m: Machine, count: int) -> None:
    found = m.take(count)
    m.push(bytes(found) if count < LONG else Blob(found))


def _old_text(m: Machine, count: int) -> None:
    """Python 2's strings: text where it can be, else bytes."""
    found = m.take(count)
    if count >= LONG:
        m.push(Blob(found))
        return
    try:
        m.push(str(found, "utf-8"))
    except UnicodeDecodeError:
        m.push(bytes(found))


def _whole(m: Machine, count: int) -> None:
    if not 0 <= count <= DIGITS:
        raise TooMuch(tr("it has a number of {count:,} bytes", count=count))
    m.push(int.from_bytes(m.take(count), "little", signed=True))


def _line_number(m: Machine) -> None:
    text = m.word()
    if len(text) > DIGITS:
        raise TooMuch(tr("it has a number of {count:,} digits", count=len(text)))
    m.push({"00": False, "01": True}[text] if text in ("00", "01") else int(text.rstrip("L")))


def _line_text(m: Machine) -> None:
    text = m.line(TEXT)
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b'"', b"'"):
        raise Broken(tr("a text in it has no quotes"))
    m.push(text[1:-1].decode("unicode_escape"))


def _put(m: Machine, index: int) -> None:
    if not 0 <= index < 1 << 60:
        raise Broken(tr("its instructions do not fit together"))
    m.memo[index] = m.top()


def _reduce(m: Machine) -> None:
    args = m.pop()
    m.call(m.pop(), args)


def _new_with_names(m: Machine) -> None:
    m.pop()  # arguments by name
    _reduce(m)


def _inst(m: Machine) -> None:
    m.named(m.word(), m.word())
    what = m.pop()
    m.call(what, tuple(m.to_mark()))


def _obj(m: Machine) -> None:
    found = m.to_mark()
    m.call(found[0], tuple(found[1:]))


def _build(m: Machine) -> None:
    state, made = m.pop(), m.top()
    if isinstance(made, (PickledCall, Table)):
        made.state = state
    else:
        raise Broken(tr("attributes are given to what has none"))


def _append(m: Machine, values: list[Any]) -> None:
    made = m.top()
    if type(made) is list:
        made.extend(values)
    elif not isinstance(made, PickledCall):  # of what a call would have made, nothing is kept
        raise Broken(tr("something is appended to what is no list"))


def _set(m: Machine, values: list[Any]) -> None:
    made = m.top()
    if len(values) % 2:
        raise Broken(tr("a dictionary has a key without a value"))
    if type(made) in (dict, Table):
        for index in range(0, len(values), 2):
            made[key_of(values[index])] = values[index + 1]
    elif not isinstance(made, PickledCall):
        raise Broken(tr("a key is given to what is no dictionary"))


def _make_dict(m: Machine) -> None:
    values = m.to_mark()
    m.push({})
    _set(m, values)


def _set_item(m: Machine) -> None:
    value = m.pop()
    _set(m, [m.pop(), value])


def _tuple(m: Machine, count: int) -> None:
    found = tuple(m.pop() for _ in range(count))
    m.push(found[::-1])


def _added(m: Machine) -> None:
    m.to_mark()
    if not isinstance(m.top(), PickledCall):
        raise Broken(tr("something is added to what is no set"))


def _extra(_m: Machine) -> None:
    raise Broken(tr("it uses extensions of pickle that weight files do not use"))


_U1, _U2, _U4, _U8 = (struct.Struct(f"<{form}") for form in "BHIQ")
_I4, _F8 = struct.Struct("<i"), struct.Struct(">d")


def _sized(act: Callable[[Machine, int], None], form: struct.Struct) -> Callable[[Machine], None]:
    return lambda m: act(m, m.number(form))


_SET = Name("builtins.set")
_BY_NAME: dict[str, Callable[[Machine], None]] = {
    "(": lambda m: m.push(MARK),
    "0": lambda m: m.stack.__delitem__(-1),
    "1": lambda m: m.to_mark().clear(),
    "2": lambda m: m.push(m.top()),
    "F": lambda m: m.push(float(m.word())),
    "I": _line_number,
    "L": _line_number,
    "J": lambda m: m.push(m.number(_I4)),
    "K": lambda m: m.push(m.number(_U1)),
    "M": lambda m: m.push(m.number(_U2)),
    "N": lambda m: m.push(None),
    "P": lambda m: m.push(Stored(m.word())),
    "Q": lambda m: m.push(Stored(m.pop())),
    "R": _reduce,
    "S": _line_text,
    "T": _sized(_old_text, _I4),
    "U": _sized(_old_text, _U1),
    "V": lambda m: m.push(m.line(TEXT).decode("raw_unicode_escape")),
    "X": _sized(_text, _U4),
    "a": lambda m: _append(m, [m.pop()]),
    "b": _build,
    "c": lambda m: m.named(m.word(), m.word()),
    "d": _make_dict,
    "}": lambda m: m.push({}),
    "e": lambda m: _append(m, m.to_mark()),
    "g": lambda m: m.push(m.memo[int(m.word())]),
    "h": lambda m: m.push(m.memo[m.number(_U1)]),
    "i": _inst,
    "j": lambda m: m.push(m.memo[m.number(_U4)]),
    "l": lambda m: m.push(m.to_mark()),
    "]": lambda m: m.push([]),
    "o": _obj,
    "p": lambda m: _put(m, int(m.word())),
    "q": lambda m: _put(m, m.number(_U1)),
    "r": lambda m: _put(m, m.number(_U4)),
    "s": _set_item,
    "t": lambda m: m.push(tuple(m.to_mark())),
    ")": lambda m: m.push(()),
    "u": lambda m: _set(m, m.to_mark()),
    "G": lambda m: m.push(m.number(_F8)),
    "B": _sized(_bytes, _U4),
    "C": _sized(_bytes, _U1),
}
_BY_CODE: dict[int, Callable[[Machine], None]] = {
    0x80: lambda m: _protocol(m.number(_U1)),
    0x81: _reduce,
    0x82: _extra,
    0x83: _extra,
    0x84: _extra,
    0x85: lambda m: _tuple(m, 1),
    0x86: lambda m: _tuple(m, 2),
    0x87: lambda m: _tuple(m, 3),
    0x88: lambda m: m.push(True),
    0x89: lambda m: m.push(False),
    0x8A: _sized(_whole, _U1),
    0x8B: _sized(_whole, _I4),
    0x8C: _sized(_text, _U1),
    0x8D: _sized(_text, _U8),
    0x8E: _sized(_bytes, _U8),
    0x8F: lambda m: m.push(PickledCall(_SET, ())),
    0x90: _added,
    0x91: lambda m: m.push(PickledCall(_SET, (m.to_mark(),))),
    0x92: _new_with_names,
    0x93: lambda m: m.named(*(m.pop(), m.pop())[::-1]),
    0x94: lambda m: _put(m, len(m.memo)),
    0x95: lambda m: m.number(_U8),
    0x96: _sized(_bytes, _U8),
    0x97: _extra,
    0x98: _extra,
}


def _protocol(version: int) -> None:
    if version > 5:
        raise Broken(tr("it says it is a pickle of protocol {version}, which there is not", version=version))


_HANDLERS: list[Callable[[Machine], None] | None] = [
    _BY_CODE.get(code) or _BY_NAME.get(chr(code)) for code in range(256)
]

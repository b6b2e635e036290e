"""The stack and the memo of a pickle, and reading from its bytes. What the instructions do stands in `pickles.py`."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Blob, Broken, Name, OddKey, Parsed, PickledCall, Table, TooMuch

STEPS = 1_000_000  # instructions in one file: a large model with its optimiser has some hundred thousand
LINE = 4_096  # bytes of a line in the old, readable instructions
_KEY = 1 << 60  # whole numbers below are their own hash, so that no file can choose keys that collide
# Dictionaries by other names: made empty, or of pairs.
_TABLES = frozenset(
    {"collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict", "__builtin__.dict"}
)
MARK = object()


class Machine:
    """The stack and the memo of one pickle."""

    def __init__(self, data: memoryview, start: int = 0) -> None:
        self.data, self.at = data, start
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.parsed = Parsed()

    def run(self, table: Sequence[Callable[[Machine], None] | None]) -> Parsed:
        """Raises Broken, TooMuch; `self.parsed.names` then has the names until there."""
        data, end = self.data, len(self.data)
        try:
            for _ in range(STEPS):
                if self.at >= end:
                    raise Broken(tr("it breaks off before its end"))
                code = data[self.at]
                self.at += 1
                if code == 0x2E:  # STOP
                    self.parsed.value, self.parsed.end = self.pop(), self.at
                    return self.parsed
                handler = table[code]
                if handler is None:
                    raise Broken(tr("byte {at} is no instruction of a pickle", at=self.at - 1))
                handler(self)
        except (IndexError, KeyError):  # an empty stack, nothing under a number
            raise Broken(tr("its instructions do not fit together")) from None
        except (ValueError, struct.error, UnicodeDecodeError):
            raise Broken(tr("a value before byte {at} cannot be read", at=self.at)) from None
        raise TooMuch(tr("it has more than {steps:,} instructions", steps=STEPS))

    # ---- reading

    def take(self, count: int) -> memoryview:
        at = self.at
        if count < 0 or count > len(self.data) - at:
            raise Broken(tr("it breaks off before its end"))
        self.at = at + count
        return self.data[at : at + count]

    def number(self, form: struct.Struct) -> Any:
        return form.unpack(self.take(form.size))[0]

    def line(self, most: int = LINE) -> bytes:
        """Up to the next end of a line, without it; in windows, so that a short one costs little."""
        start, size = self.at, LINE
        while True:
            found = bytes(self.data[start : start + size])
            end = found.find(b"\n")
            if end >= 0:
                self.at += end + 1
                return found[:end].rstrip(b"\r")
            if size >= min(most, len(self.data) - start):
                raise Broken(tr("a line in it has no end"))
            size *= 8

    def word(self) -> str:
        return self.line().decode("utf-8")

    # ---- the stack

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is MARK:
            raise Broken(tr("its instructions do not fit together"))
        return value

    def top(self) -> Any:
        value = self.stack[-1]
        if value is MARK:
            raise Broken(tr("its instructions do not fit together"))
        return value

    def to_mark(self) -> list[Any]:
        stack = self.stack
        # from the end, for most marks are near it
        for index in range(len(stack) - 1, -1, -1):
            if stack[index] is MARK:
                found = stack[index + 1 :]
                del stack[index:]
                return found
        raise Broken(tr("its instructions do not fit together"))

    def named(self, module: Any, name: Any) -> None:
        if type(module) is not str or type(name) is not str:
            raise Broken(tr("a name in it is no text"))
        path = f"{module}.{name}"
        self.parsed.names[path] = None
        self.push(Name(path))

    def call(self, what: Any, args: Any) -> None:
        if isinstance(what, Name) and what.path in _TABLES:
            self.push(_table(args))
        elif isinstance(what, Name) and what.path == "_codecs.encode":
            self.push(_encoded(args) or PickledCall(what, args))
        elif isinstance(what, Name) and what.path == "torch.Size" and isinstance(args, tuple) and len(args) == 1:
            self.push(args[0])
        else:
            self.push(PickledCall(what, args))


def _table(args: Any) -> Table:
    made = Table()
    pairs = args[0] if isinstance(args, tuple) and len(args) == 1 else ()
    if isinstance(pairs, list):  # as Python 2 wrote an OrderedDict
        for pair in pairs:
            if isinstance(pair, (list, tuple)) and len(pair) == 2:
                made[key_of(pair[0])] = pair[1]
    return made


def _encoded(args: Any) -> Any:
    """Bytes that protocol 2 writes as text in Latin-1; None where it is not that."""
    if not isinstance(args, tuple) or len(args) != 2 or args[1] not in ("latin1", "latin-1"):
        return None
    if isinstance(args[0], Blob) and args[0].text:
        return args[0]  # numbers in it are decoded where they are needed
    return args[0].encode("latin-1") if isinstance(args[0], str) else None


def key_of(value: Any) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is bool or (kind is int and -_KEY < value < _KEY):
        return value
    return OddKey()

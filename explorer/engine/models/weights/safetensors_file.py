"""Files of safetensors: the length of a header, the header in JSON, and the numbers. Format: README of safetensors, 0.6."""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Callable
from typing import Any

from torch import Tensor

from explorer.core.byte_words import byte_words
from explorer.core.translation import tr
from explorer.engine.models.weights.dtypes import SAFETENSORS
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.mapped import Mapped, numbers
from explorer.engine.models.weights.plan import TensorPlan, sizes, unknown

HEADER = 16 << 20  # bytes: room for a hundred thousand tensors
_LARGEST = 100_000_000  # bytes of a header that the format allows


def is_safetensors(head: bytes, nbytes: int) -> bool:
    """Seen from its first nine bytes."""
    return (
        len(head) >= 9 and head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] <= min(1 << 40, max(nbytes, _LARGEST))
    )


def read_safetensors(data: memoryview, mapped: Mapped) -> dict[str, TensorPlan]:
    """Planned tensors by name. Raises Broken, TooMuch."""
    if len(data) < 9:
        raise Broken(tr("it breaks off before its end"))
    (length,) = struct.unpack("<Q", data[:8])
    if length > len(data) - 8:
        raise Broken(tr("its header would be longer than the file"))
    if length > HEADER:
        raise TooMuch(tr("its header has {byte_words}", byte_words=byte_words(length)))
    told = _header(bytes(data[8 : 8 + length]))
    meta = told.pop("__metadata__", None)
    places: list[tuple[int, int]] = []
    plans = {name: _plan(entry, 8 + length, places, mapped) for name, entry in told.items()}
    _check(places, len(data) - 8 - length)
    return plans | _tied(meta, plans)


def _header(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(str(text, "utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise Broken(tr("its header is damaged")) from None
    if not isinstance(told, dict):
        raise Broken(tr("its header is damaged"))
    return told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(tr("a name stands twice"))
    return made


def _plan(entry: Any, base: int, places: list[tuple[int, int]], mapped: Mapped) -> TensorPlan:
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        raise Broken(tr("its header is damaged"))
    shape, place = sizes(entry.get("shape")), entry.get("data_offsets")
    if not isinstance(place, list) or len(place) != 2 or any(type(each) is not int or each < 0 for each in place):
        raise Broken(tr("its header is damaged"))
    start, end = place
    places.append((start, end))
    dtype = SAFETENSORS.get(entry["dtype"])
    if dtype is None:
        return unknown(tr("its numbers are of the kind {entry}, which is not read", entry=entry["dtype"][:40]))
    count = math.prod(shape)
    if end - start != count * dtype.itemsize:
        raise Broken(tr("its header is damaged"))
    return TensorPlan(shape, dtype, _maker(mapped, dtype, base + start, shape), end - start, (start, dtype, shape))


def _maker(mapped: Mapped, dtype: Any, start: int, shape: tuple[int, ...]) -> Callable[[], Tensor]:
    swapped = sys.byteorder == "big"
    return lambda: numbers(mapped, dtype, start, math.prod(shape), swapped).reshape(shape)


def _check(places: list[tuple[int, int]], there: int) -> None:
    """One tensor after the other, without a gap, to the end."""
    at = 0
    for start, end in sorted(places):
        if start != at or end < start:
            raise Broken(tr("its header does not fit what follows it"))
        at = end
    if at > there:
        raise Broken(tr("it breaks off before its end"))
    if at < there:
        raise Broken(tr("its header does not fit what follows it"))


def _tied(meta: Any, plans: dict[str, TensorPlan]) -> dict[str, TensorPlan]:
    """Names that safetensors' `save_model` left out, as their tensor is there under another; its metadata tells."""
    if not isinstance(meta, dict):
        return {}
    pairs = ((name, kept) for name, kept in meta.items() if name not in plans and isinstance(kept, str))
    return {name: plans[kept] for name, kept in pairs if kept in plans}

"""torch's two formats: an archive with a pickle in it, and, before torch 1.6, a row of pickles with bare numbers behind."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.weights.archive import Archive, ArchiveEntry
from explorer.engine.models.weights.dtypes import STORAGES
from explorer.engine.models.weights.inert import Broken, Name, Parsed, PickledCall, Stored, inside
from explorer.engine.models.weights.mapped import Bytes, Mapped, numbers, of_buffer
from explorer.engine.models.weights.pickles import parse
from explorer.engine.models.weights.plan import number

MAGIC = 0x1950A86A20F9469CFC6C  # of the older format
VERSION = 1001
KEPT = 1 << 20  # bytes of unpacked entries that are kept, for those that many tensors lie in


class InArchive:
    """Each piece of memory is an entry, under `folder`."""

    def __init__(self, archive: Archive, folder: str, mapped: Mapped) -> None:
        self._archive, self._folder, self._mapped = archive, folder, mapped
        self._checked: dict[str, Bytes] = {}
        self._swapped = _order(archive, folder) != sys.byteorder

    def nbytes(self, key: str) -> int:
        return self._entry(key).nbytes

    def numbers(self, key: str, dtype: torch.dtype, start: int, count: int) -> Tensor:
        entry = self._entry(key)
        read = self._checked.get(key)
        if read is None:
            # also what is only mapped is compared with its checksum, once
            content = self._archive.read(entry.name)
            read = self._from(self._archive.place(entry)) if entry.method == 0 else of_buffer(content)
            if entry.method == 0 or entry.nbytes <= KEPT:
                self._checked[key] = read
        return numbers(read, dtype, start, count, self._swapped)

    def _from(self, place: int) -> Bytes:
        return lambda start, nbytes: self._mapped(place + start, nbytes)

    def _entry(self, key: str) -> ArchiveEntry:
        found = self._archive.entries.get(f"{self._folder}data/{key}")
        if found is None:
            raise Broken(tr("the numbers under {key} are not in it", key=key[:40]))
        return found


def _order(archive: Archive, folder: str) -> str:
    """Which byte of a number comes first."""
    name = f"{folder}byteorder"
    if name not in archive.entries or archive.entries[name].nbytes > 16:
        return "little"
    word = bytes(archive.read(name))
    if word not in (b"little", b"big"):
        raise Broken(tr("its order of bytes is unknown"))
    return word.decode()


class Behind:
    """Pieces of memory one after the other behind the pickles; `places`: where each begins, and its bytes."""

    def __init__(self, places: Mapping[str, tuple[int, int]], mapped: Mapped) -> None:
        self._places, self._mapped = places, mapped

    def nbytes(self, key: str) -> int:
        return self._place(key)[1]

    def numbers(self, key: str, dtype: torch.dtype, start: int, count: int) -> Tensor:
        place, there = self._place(key)
        if start + count * dtype.itemsize > there:
            raise Broken(tr("a tensor reaches beyond the numbers that are there"))
        return numbers(lambda at, nbytes: self._mapped(place + at, nbytes), dtype, start, count, sys.byteorder == "big")

    def _place(self, key: str) -> tuple[int, int]:
        if key not in self._places:
            raise Broken(tr("the numbers under {key} are not in it", key=key[:40]))
        return self._places[key]


@dataclass(frozen=True, slots=True, eq=False)
class TorchFileContent:
    """What a file holds, inert, and the memory beside it."""

    value: Any
    shelf: InArchive | Behind
    names: tuple[str, ...]


def read_archive(archive: Archive, mapped: Mapped) -> TorchFileContent:
    """Raises Broken, TooMuch."""
    name = pickle_in(archive)
    parsed = parse(archive.read(name))
    return TorchFileContent(
        parsed.value, InArchive(archive, name.removesuffix("data.pkl"), mapped), tuple(parsed.names)
    )


def pickle_in(archive: Archive) -> str:
    """The entry that says what is in the archive. Raises Broken."""
    found = [
        name for name in archive.entries if name == "data.pkl" or (name.endswith("/data.pkl") and name.count("/") == 1)
    ]
    if len(found) != 1:
        raise Broken(
            tr("it is an archive without torch's data.pkl") if not found else tr("it is several archives in one")
        )
    return found[0]


def read_pickles(data: memoryview, mapped: Mapped) -> TorchFileContent:
    """The older format, or a plain pickle. Raises Broken, TooMuch."""
    first = parse(data)
    if first.value != MAGIC:
        return TorchFileContent(first.value, Behind({}, mapped), tuple(first.names))  # there is no memory beside it
    version = parse(data, first.end)
    if version.value != VERSION:
        raise Broken(tr("its version is unknown"))
    system = parse(data, version.end)
    main = parse(data, system.end)
    keys = parse(data, main.end)
    return TorchFileContent(main.value, Behind(_places(data, main, keys), mapped), tuple(main.names))


def _places(data: memoryview, main: Parsed, keys: Parsed) -> dict[str, tuple[int, int]]:
    """Each piece begins with the number of its elements, whose size only the tensors in the pickle tell."""
    if not isinstance(keys.value, list) or not all(isinstance(key, str) for key in keys.value):
        raise Broken(tr("its list of memory is none"))
    itemsizes = _itemsizes(main.value)
    found: dict[str, tuple[int, int]] = {}
    at = keys.end
    for key in keys.value:
        if key not in itemsizes or key in found:
            raise Broken(tr("its list of memory is none"))
        if at + 8 > len(data):
            raise Broken(tr("it breaks off before its end"))
        nbytes = number(int.from_bytes(data[at : at + 8], "little")) * itemsizes[key]
        found[key] = at + 8, nbytes
        at += 8 + nbytes
        if at > len(data):
            raise Broken(tr("it breaks off before its end"))
    return found


def _itemsizes(value: Any) -> dict[str, int]:
    """Bytes of an element for each piece of memory named in a pickle."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        now = waiting.pop()
        if isinstance(now, Stored):
            key = now.key
            if isinstance(key, tuple) and len(key) > 4 and isinstance(key[1], Name) and isinstance(key[2], str):
                word = key[1].path.rpartition(".")[2].removesuffix("Storage")
                found[key[2]] = STORAGES[word].itemsize if word in STORAGES else 1
        elif isinstance(now, (dict, list, tuple, PickledCall)) and id(now) not in seen:
            seen.add(id(now))
            waiting.extend(inside(now))
    return found

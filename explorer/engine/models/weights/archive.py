"""The table of contents of a zip archive, read strictly; torch's files are such archives. Format: PKWARE's APPNOTE 6.3.

Not `zipfile`: a hundred thousand entries take it seconds and hundreds of MB, and it says in a dozen ways that a file is damaged.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from explorer.core.byte_words import byte_words
from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Broken, TooMuch

ENTRIES = 100_000  # of one archive; torch writes one for each tensor
INFLATED = 64 << 20  # bytes that one compressed entry may become, whatever its file's size
_RATIO = 20  # and times the file's size: trained numbers can hardly be compressed
_END, _END64, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x06\x06", b"PK\x01\x02", b"PK\x03\x04"
_FAR = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file in the archive: sizes and place in bytes, `method` 0 for stored, 8 for deflated; `crc` 0 where none was kept."""

    name: str
    nbytes: int
    packed: int
    method: int
    crc: int
    local: int  # where its own header begins


class Archive:
    """Entries by name, over bytes that stay where they are. Raises Broken, TooMuch."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        count, size, start = _end(data)
        if count > ENTRIES:
            raise TooMuch(tr("it is an archive of {count:,} parts", count=count))
        self.entries = _directory(data[start : start + size], count)

    def read(self, name: str, most: int = INFLATED) -> memoryview:
        """The content, checked; what is stored is not copied. Raises Broken, TooMuch, and KeyError for no such entry."""
        entry = self.entries[name]
        packed = self.data[self.place(entry) :][: entry.packed]
        if entry.method == 0:
            found = packed
        else:
            if entry.nbytes > max(most, _RATIO * len(self.data)):
                raise TooMuch(
                    tr("{name} in it would become {byte_words}", name=name, byte_words=byte_words(entry.nbytes))
                )
            found = memoryview(_inflated(packed, entry))
        if entry.crc and zlib.crc32(found) != entry.crc:
            raise Broken(tr("the content of {name} in it does not match its checksum", name=name))
        return found

    def place(self, entry: ArchiveEntry) -> int:
        """Where its content begins."""
        head = bytes(self.data[entry.local : entry.local + 30])
        if len(head) < 30 or head[:4] != _LOCAL:
            raise Broken(tr("{entry} in it is not where the archive says", entry=entry.name))
        name, extra = struct.unpack("<HH", head[26:30])
        start = entry.local + 30 + name + extra
        if start + entry.packed > len(self.data):
            raise Broken(tr("it breaks off before its end"))
        return int(start)


def _end(data: memoryview) -> tuple[int, int, int]:
    """(number of entries, bytes of the directory, where it begins)."""
    tail = bytes(data[-(65_535 + 22) :])
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise Broken(tr("it breaks off before its end"))
    count, size, start = struct.unpack("<HII", tail[at + 10 : at + 20])
    at += len(data) - len(tail)
    if count == 0xFFFF or _FAR in (size, start):
        locator = bytes(data[max(0, at - 20) : at])
        if locator[:4] == b"PK\x06\x07" and len(locator) == 20:
            at = struct.unpack("<Q", locator[8:16])[0]
            record = bytes(data[at : at + 56])
            if record[:4] != _END64 or len(record) < 56:
                raise Broken(tr("its table of contents is not where it says"))
            count, size, start = struct.unpack("<QQQ", record[32:56])
    if start + size > at:
        raise Broken(tr("its table of contents is not where it says"))
    return count, size, start


def _directory(data: memoryview, count: int) -> dict[str, ArchiveEntry]:
    found: dict[str, ArchiveEntry] = {}
    at = 0
    for _ in range(count):
        head = bytes(data[at : at + 46])
        if len(head) < 46 or head[:4] != _ENTRY:
            raise Broken(tr("its table of contents is damaged"))
        flags, method = struct.unpack("<HH", head[8:12])
        crc, packed, nbytes, name_size, extra_size, comment = struct.unpack("<IIIHHH", head[16:34])
        (local,) = struct.unpack("<I", head[42:46])
        at += 46
        try:
            name = str(data[at : at + name_size], "utf-8")
        except UnicodeDecodeError:
            raise Broken(tr("a name in its table of contents is damaged")) from None
        extra = bytes(data[at + name_size : at + name_size + extra_size])
        nbytes, packed, local = _far(extra, nbytes, packed, local)
        at += name_size + extra_size + comment
        if name in found:
            raise Broken(tr("it has {name} twice", name=name[:80]))
        if flags & 1:
            raise Broken(tr("it is encrypted"))
        if method not in (0, 8) or (method == 0 and packed != nbytes):
            raise Broken(tr("{name} in it is stored in an unknown way", name=name[:80]))
        found[name] = ArchiveEntry(name, nbytes, packed, method, crc, local)
    return found


def _far(extra: bytes, *values: int) -> tuple[int, ...]:
    """Sizes and place beyond 32 bits, which stand in an extra field, in this order, those that need it."""
    at, wide = 0, list(values)
    while _FAR in wide and at + 4 <= len(extra):
        kind, size = struct.unpack("<HH", extra[at : at + 4])
        if kind == 1:
            needed = [index for index, value in enumerate(values) if value == _FAR]
            if size < 8 * len(needed) or at + 4 + size > len(extra):
                raise Broken(tr("its table of contents is damaged"))
            for index, value in zip(
                needed, struct.unpack(f"<{len(needed)}Q", extra[at + 4 :][: 8 * len(needed)]), strict=True
            ):
                wide[index] = value
            break
        at += 4 + size
    return tuple(wide)


def _inflated(packed: memoryview, entry: ArchiveEntry) -> bytes:
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = machine.decompress(packed, entry.nbytes + 1)
    except zlib.error:
        raise Broken(tr("{entry} in it cannot be unpacked", entry=entry.name)) from None
    if len(found) != entry.nbytes:
        raise Broken(tr("{entry} in it has not the size that the archive says", entry=entry.name))
    return found

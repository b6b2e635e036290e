"""A number of bytes in words: one way everywhere."""

from __future__ import annotations

from explorer.core.translation import ntr, tr

_UNITS = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def byte_words(count: int | None) -> str:
    """In binary units with up to three digits, "1.43 MiB", "13.4 GiB", "512 bytes"; None: it is not known."""
    if count is None:
        return tr("an unknown number of bytes")
    for unit, step in _UNITS:
        if count >= step:
            number = count / step
            return f"{number:.3g} {unit}" if number < 99.95 else f"{number:,.0f} {unit}"
    return ntr("{count:,} byte", "{count:,} bytes", count, count=count)

"""Bytes in words."""

from __future__ import annotations

import pytest

from explorer.core.byte_words import byte_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "an unknown number of bytes"),
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1 KiB"),
        (1_500_000, "1.43 MiB"),
        (100 * 2**20, "100 MiB"),
        (1000 * 2**20, "1,000 MiB"),
        (round(13.4 * 2**30), "13.4 GiB"),
        (5 * 2**40, "5,120 GiB"),
    ],
)
def test_three_digits_in_binary_units(count: int | None, words: str) -> None:
    assert byte_words(count) == words

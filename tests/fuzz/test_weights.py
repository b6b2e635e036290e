from __future__ import annotations

import pytest

from tests.fuzz.weights import run


@pytest.mark.slow
def test_damaged_and_hostile_files_of_weights() -> None:
    """Half a minute of them, each time the same; longer: `python -m tests.fuzz weights --minutes N`."""
    count, found = run(seconds=25, seed=11)
    assert found == []
    assert count["read"] > 10
    assert count["refused"] > 100

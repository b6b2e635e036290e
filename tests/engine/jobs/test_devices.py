"""What a failing device says, told apart from what a model says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.engine.jobs.devices import device_problem, or_why, said_by_device

_HOLES = """
from explorer.engine.jobs.devices import give_back_freed, keep_freed_memory
from tests.benchmarks.machine import resident
assert keep_freed_memory()
blocks = [bytearray(b"x") * 2**20 for _ in range(100)]
del blocks[::2]
before = resident()
assert give_back_freed()
print(before - resident())
"""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried 3 GiB\nadvice"),
            "out of memory: CUDA out of memory. Tried 3 GiB",
        ),
        (MemoryError(), "out of memory: "),
        (RuntimeError("CUDA error: device-side assert\ntrace"), "failed: CUDA error: device-side assert"),
        (NotImplementedError("not implemented for the MPS device"), "failed: not implemented for the MPS device"),
    ],
)
def test_a_failing_device_is_quoted_with_its_first_line(error: Exception, said: str) -> None:
    assert said_by_device(error) == said
    assert said.startswith(device_problem(error) or "-")


@pytest.mark.parametrize(
    "error", [RuntimeError("size mismatch"), ValueError("cuda error"), NotImplementedError("bool")]
)
def test_a_failing_model_is_not_the_device(error: Exception) -> None:
    assert said_by_device(error) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is asked")
def test_pages_that_lie_free_between_others_are_handed_back() -> None:
    given = subprocess.run([sys.executable, "-c", _HOLES], capture_output=True, text=True, check=True).stdout
    assert int(given) > 40 * 2**20


class _PastError(ExplorerError):
    pass


def test_what_a_person_or_the_device_can_mend_ends_as_words() -> None:
    def raises(error: Exception) -> Callable[[], int]:
        def work() -> int:
            raise error

        return work

    assert or_why(lambda: 3) == 3
    assert or_why(raises(ExplorerError("It is torn.", "By the dog.", "Mend it."))) == "It is torn. By the dog."
    assert or_why(raises(MemoryError())) == "out of memory: "
    with pytest.raises(RuntimeError, match="shapes"):
        or_why(raises(RuntimeError("shapes do not fit")))
    with pytest.raises(_PastError):
        or_why(raises(_PastError("on and on")), past=(_PastError,))

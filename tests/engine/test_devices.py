"""What a failing device says, told apart from what a model says."""

from __future__ import annotations

import pytest
import torch

from explorer.engine.devices import device_problem, said_by_device


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

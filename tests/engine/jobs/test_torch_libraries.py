"""torch's library is there before torch is imported, and torch works with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from explorer.engine.jobs import devices, torch_libraries

_AHEAD = """
import sys
from pathlib import Path
from explorer.engine.jobs import devices
from explorer.engine.jobs.torch_libraries import load_ahead
devices.cores = lambda: 2
thread = load_ahead()
thread.join()
assert "torch" not in sys.modules
assert "libtorch_cpu.so" in Path("/proc/self/maps").read_text()
import torch
assert torch.equal(torch.ones(2, 3) @ torch.ones(3, 1), torch.full((2, 1), 3.0))
assert load_ahead() is None
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="loaded ahead on Linux only")
def test_torch_finds_its_library_loaded() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", _AHEAD], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("done", "")


def test_a_single_core_is_left_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: 1)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert torch_libraries.load_ahead() is None

"""Which build of PyTorch pip takes on Linux: the standard one brings gigabytes of CUDA libraries, of use to NVIDIA GPUs alone.

Standard library only. Elsewhere than on Linux pip's standard build is the right one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from system_libraries import say

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"  # PyTorch's own index of builds without CUDA
VARIABLE = "FME_TORCH"  # "standard": pip's choice, "cpu": the CPU build also where there is an NVIDIA GPU
_SIGNS = ("/proc/driver/nvidia/version", "/dev/nvidia0", "/usr/lib/wsl/lib/libcuda.so.1")


def has_nvidia_gpu() -> bool:
    """Whether the driver of an NVIDIA GPU is here."""
    return shutil.which("nvidia-smi") is not None or any(Path(sign).exists() for sign in _SIGNS)


def pip_arguments(pip: Sequence[str], constraints: Path) -> list[str]:
    """What pip is told so that it takes the build for this machine. Says what will be downloaded before it is."""
    wanted = os.environ.get(VARIABLE, "")
    if not sys.platform.startswith("linux") or wanted == "standard":
        return []
    if has_nvidia_gpu() and wanted != "cpu":
        say("An NVIDIA GPU is here: pip takes PyTorch's build for CUDA, several GB (FME_TORCH=cpu: the one without).")
        return []
    pin = pinned(constraints)
    # A version with a local part ("+cpu") is newer than the same one without, so that pip takes it where it sees both.
    for extra in ([], ["--extra-index-url", CPU_BUILDS]):
        if f"{pin}+cpu" in versions([*pip, "index", "versions", "torch", *extra, "--retries", "0", "--timeout", "15"]):
            say(f"No NVIDIA GPU is here: pip takes PyTorch {pin} for the CPU, about 0.2 GB.")
            return extra
    say(
        f"No NVIDIA GPU is here, but pip cannot reach a CPU build of PyTorch {pin} ({CPU_BUILDS}).\n"
        "It takes the standard build instead: several GB to download, with CUDA libraries that are not used. To avoid that,\n"
        "stop this (Ctrl+C) and name an index that has one: PIP_EXTRA_INDEX_URL=URL; or a folder of wheels: PIP_FIND_LINKS=FOLDER."
    )
    return []


def pinned(constraints: Path) -> str:
    """The version of torch that is pinned."""
    found = re.search(r"^torch==(\S+)$", constraints.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def versions(command: Sequence[str]) -> set[str]:
    """What `pip index versions` lists; nothing where it fails, as a pip before 21.2 does."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    listed = re.search(r"^Available versions: (.*)$", done.stdout, re.MULTILINE)
    return {version.strip() for version in listed[1].split(",")} if listed and done.returncode == 0 else set()

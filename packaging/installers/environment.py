"""The build's own virtual environment, with the pinned packages and nothing else: what is in it decides what gets frozen."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from installers.facts import BUILD, PACKAGING, ROOT

VENV = BUILD / "venv"
CONSTRAINTS = PACKAGING / "constraints.txt"


def python(venv: Path = VENV) -> Path:
    """The interpreter of the build's environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted(root: Path = ROOT) -> list[str]:
    """Requirements of the application, its camera, what builds its documentation, and the tools that freeze it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["camera"], *extras["docs"], *extras["installer"]]


def prepare(venv: Path = VENV) -> Path:
    """Make or complete the environment; returns its interpreter. Raises CalledProcessError.

    torch comes first, alone and pinned: where the index has it for the CPU only, nothing later brings CUDA in.
    """
    if not python(venv).exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(python(venv)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    for what in (["torch"], wanted()):
        subprocess.run([*pip, "-c", str(CONSTRAINTS), *what], check=True)
    _check_torch(venv)
    return python(venv)


def _check_torch(venv: Path) -> None:
    """Warns where a torch for CUDA was installed: it works, and makes the application four times as large."""
    code = "import torch, sys; sys.exit(torch.version.cuda is not None)"
    if subprocess.run([str(python(venv)), "-c", code]).returncode:
        index = "https://download.pytorch.org/whl/cpu"
        print(f"Warning: this torch is built for CUDA; the application will be huge. Set PIP_EXTRA_INDEX_URL={index}.")

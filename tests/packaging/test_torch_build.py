"""On Linux without an NVIDIA GPU the CPU build of PyTorch is taken where pip can reach one, and what comes is said before."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

CONSTRAINTS = Path(__file__).resolve().parents[2] / "packaging" / "constraints.txt"
Script = Callable[[str], ModuleType]


@pytest.fixture
def build(script: Script, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """On Linux, without a GPU; `reachable` are the versions that pip sees with and without the index of CPU builds."""
    module = script("torch_build")
    monkeypatch.delenv(module.VARIABLE, raising=False)
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module, "has_nvidia_gpu", lambda: False)
    pin = module.pinned(CONSTRAINTS)
    module.reachable = {False: {pin}, True: {pin, f"{pin}+cpu"}}
    monkeypatch.setattr(module, "versions", lambda command: module.reachable[module.CPU_BUILDS in command])
    return module


def test_without_a_gpu_the_cpu_build_is_taken_from_where_it_is(
    build: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.pip_arguments(["pip"], CONSTRAINTS) == ["--extra-index-url", build.CPU_BUILDS]
    assert "for the CPU" in capsys.readouterr().err
    build.reachable[False] = build.reachable[True]  # the person's own index or folder has it
    assert build.pip_arguments(["pip"], CONSTRAINTS) == []
    assert "for the CPU" in capsys.readouterr().err


def test_gigabytes_are_said_before_they_are_downloaded(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.reachable[True] = set()  # pip could not reach it
    assert build.pip_arguments(["pip"], CONSTRAINTS) == []
    said = capsys.readouterr().err
    assert "several GB" in said
    assert "PIP_EXTRA_INDEX_URL" in said
    monkeypatch.setattr(build, "has_nvidia_gpu", lambda: True)
    assert build.pip_arguments(["pip"], CONSTRAINTS) == []
    assert "several GB" in capsys.readouterr().err


def test_the_variable_decides_and_other_systems_are_left_to_pip(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(build.VARIABLE, "standard")
    assert build.pip_arguments(["pip"], CONSTRAINTS) == []
    monkeypatch.setenv(build.VARIABLE, "cpu")
    monkeypatch.setattr(build, "has_nvidia_gpu", lambda: True)
    assert build.pip_arguments(["pip"], CONSTRAINTS) == ["--extra-index-url", build.CPU_BUILDS]
    capsys.readouterr()
    monkeypatch.setattr(build.sys, "platform", "darwin")
    assert build.pip_arguments(["pip"], CONSTRAINTS) == []
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_pip_takes_the_version_with_the_local_part_of_a_real_index(
    script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder as an index: pip lists both versions, and takes the CPU build for the pin without the local part."""
    build = script("torch_build")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)  # no index and no constraints of this machine
    for version in ("9.0.0", "9.0.0+cpu"):
        _wheel(tmp_path, "torch", version)
    pip = [sys.executable, "-m", "pip"]
    where = ["--no-index", "--find-links", str(tmp_path)]
    assert build.versions([*pip, "index", "versions", "torch", *where]) == {"9.0.0", "9.0.0+cpu"}
    target = ["install", "--dry-run", "--quiet", "--report", "-", "--target", str(tmp_path / "t")]
    done = subprocess.run([*pip, *target, *where, "torch==9.0.0"], capture_output=True, text=True, check=True)
    assert '"version": "9.0.0+cpu"' in done.stdout


def _wheel(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")

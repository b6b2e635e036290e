"""Makes the virtual environment in the checkout's `.venv` and installs the application into it. Standard library only.

What was installed is noted in a stamp file, so that a second run has nothing to do. Everything is said on stderr.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch_build
from system_libraries import ROOT, apt_install, is_root, say

VENV = ROOT / ".venv"
STAMP = VENV / "feature-map-explorer.json"
LOG = VENV / "setup.log"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
GIB = 1 << 30
GLIBC = (2, 34)  # what the pinned PySide6 wheel was built for


def venv_program(name: str) -> Path:
    """A program of the virtual environment, on every system."""
    windows = os.name == "nt"
    return VENV / ("Scripts" if windows else "bin") / (f"{name}.exe" if windows else name)


def fingerprint() -> str:
    """Changes when what must be installed does."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def place() -> dict[str, str]:
    """What ties an environment to its folder and Python: when this changes it is made anew."""
    return {"root": str(ROOT), "python": platform.python_version(), "machine": platform.machine()}


def read_stamp() -> dict[str, Any]:
    """The note of the last complete set-up; {} when there is none."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_ready(extras: Sequence[str]) -> bool:
    """Whether nothing is to be done."""
    stamp = read_stamp()
    tried = {*stamp.get("extras", ()), *stamp.get("left_out", ())}
    same = stamp.get("digest") == fingerprint() and stamp.get("place") == place()
    return same and set(extras) <= tried and venv_program("python").exists()


def check_machine() -> None:
    """Warn about a full disk; exit where the pinned packages cannot run."""
    name, version = platform.libc_ver()
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if sys.platform.startswith("linux") and name == "glibc" and parts < GLIBC:
        sys.exit(
            f"The pinned PySide6 needs glibc {GLIBC[0]}.{GLIBC[1]}; this system has {version}.\n"
            "Use a newer system (Debian 12, Ubuntu 22.04, RHEL 9 or later), or install without the pins into an\n"
            "environment of your own: pip install . && feature-map-explorer"
        )
    for folder, need in ((ROOT, 4 * GIB), (Path(tempfile.gettempdir()), 2 * GIB)):
        free = shutil.disk_usage(folder).free
        if free < need:
            say(
                f"Warning: {free / GIB:.1f} GiB free in {folder}; about {need // GIB} are used while installing "
                "(twice that where pip chooses a torch with CUDA)."
            )


def _venv_module() -> None:
    """Debian keeps ensurepip in a package of its own: install it as root, else name the command."""
    if importlib.util.find_spec("ensurepip") is not None or can_lend_pip():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and is_root() and apt_install([package]):
        return
    sys.exit(
        "This Python cannot make virtual environments with pip inside (its ensurepip module is missing).\n"
        f"On Debian and Ubuntu:\n    sudo apt-get install -y {package}\nElsewhere install your system's venv and pip "
        "packages for Python, then run this command again."
    )


def can_lend_pip() -> bool:
    """Whether the Python that runs this has a pip that can install into another environment (22.3 or newer)."""
    done = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    words = done.stdout.split()
    if done.returncode or len(words) < 2:
        return False
    return tuple(int(part) for part in words[1].split(".")[:2] if part.isdigit()) >= (22, 3)


def works(python: Path) -> bool:
    """Whether this interpreter starts and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([str(python), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make `.venv`, or keep the one that is there when it still fits."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    fits = read_stamp().get("place", place()) == place() and works(venv_program("python"))
    if inside or fits:
        return
    _venv_module()
    say(f"Making a virtual environment in {VENV}")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if importlib.util.find_spec("ensurepip") is None:
        command.insert(-1, "--without-pip")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"The virtual environment could not be made: {(done.stderr or done.stdout).strip()}")


def pip_command() -> list[str]:
    """How to run pip for the environment: its own, or (made by other tools without one) this Python's."""
    python = str(venv_program("python"))
    own = [python, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        return own
    if can_lend_pip():
        return [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([python, "-m", "ensurepip"], capture_output=True)
    return own


def pip_install(step: str, *what: str) -> str:
    """Run pip and show its main lines; "" when it worked, else the reason in plain words."""
    say(step)
    command = [*pip_command(), "install", "--no-input", "--disable-pip-version-check", "-c", str(CONSTRAINTS), *what]
    output: list[str] = []
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, errors="replace", cwd=ROOT, **pipes) as running:
        assert running.stdout is not None
        for line in running.stdout:
            output.append(line.rstrip())
            if "MB)" in line or line.startswith("Installing collected"):
                say(f"    {line.strip()[:150]}")
    with LOG.open("a", encoding="utf-8") as log:
        log.write("\n".join([" ".join(command), *output, ""]))
    return "" if running.returncode == 0 else reason(output)


# Signs in pip's output, in the order they are looked for, and what they mean.
OFFLINE = (
    "The package index could not be reached: is this computer online, behind a proxy (pip reads HTTPS_PROXY) or\n"
    "in need of a mirror (pip reads PIP_INDEX_URL and PIP_FIND_LINKS)? Run this command again when it is."
)
REASONS = (
    (("No space left", "Errno 28"), "The disk is full. Make room (about 4 GiB) and run this command again."),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "The package index answered with a certificate that is not trusted here, as behind some company networks.\n"
        "Name the file with the network's own certificates: PIP_CERT=FILE, then run this command again.",
    ),
    (("NewConnectionError", "ConnectionError", "ProxyError", "SSLError", "getaddrinfo failed"), OFFLINE),
    (("Temporary failure in name", "Name or service not known", "unreachable", "timed out"), OFFLINE),
)


def reason(output: Sequence[str]) -> str:
    """Why pip failed, and the way out."""
    text = "\n".join(output)
    for signs, words in REASONS:
        if any(sign in text for sign in signs):
            return words
    if "No matching distribution" in text or "ResolutionImpossible" in text:
        lines = [line for line in output if line.startswith("ERROR")]
        here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        found = f"A pinned package was not found for {here} (the set was tested with Python 3.11, 64 bit),"
        return "\n".join([*lines[:4], found, f"or the package index lacks it. The whole output is in {LOG}."])
    return "\n".join([*output[-12:], f"The whole output is in {LOG}."])


def has_torch() -> bool:
    """Whether torch is in the environment already; pip keeps the build that is there."""
    return next(VENV.glob("[Ll]ib*/**/site-packages/torch/version.py"), None) is not None


def prepare(extras: Sequence[str], optional: Sequence[str] = ()) -> list[str]:
    """Install the application with `extras`, and those of `optional` that can be had. Returns the ones left out.

    Exits with the reason when something that is needed cannot be installed."""
    if is_ready([*extras, *optional]):
        return list(read_stamp().get("left_out", ()))
    have = read_stamp()
    check_machine()
    make_venv()
    STAMP.unlink(missing_ok=True)  # an interrupted set-up is not a complete one
    wanted = sorted({*extras, *have.get("extras", ())} - set(optional))
    # One request, so that the application's torch is the pinned one from the start; the build tools come first so that
    # no isolated build environment is downloaded beside it.
    tools = pip_install("1 of 3: build tools", "hatchling", "editables")
    suffix = f"[{','.join(wanted)}]" if wanted else ""
    own = ("--no-build-isolation", "-e")
    build = [] if tools or has_torch() else torch_build.pip_arguments(pip_command(), CONSTRAINTS)
    step = "2 of 3: torch, Qt and the application (minutes the first time)"
    failed = tools or pip_install(step, *build, *own, f".{suffix}")
    if failed:
        sys.exit(f"Set-up stopped.\n{failed}")
    left_out = [extra for extra in optional if not _add(extra, own)]
    done = [*wanted, *(extra for extra in optional if extra not in left_out)]
    note = {"digest": fingerprint(), "place": place(), "extras": done, "left_out": left_out}
    STAMP.write_text(json.dumps(note, indent=1), encoding="utf-8")
    say("Set-up is complete.")
    return left_out


def _add(extra: str, own: Sequence[str]) -> bool:
    failed = pip_install(f"3 of 3: what '{extra}' needs", *own, f".[{extra}]")
    if failed:
        say(f"Going on without '{extra}': {failed}\nDelete {STAMP} to have it tried again.")
    return not failed

"""Before Qt starts on Linux: are its libraries and a font there? Installs them as root on Debian and Ubuntu."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    """To stderr, so that `--json` commands keep stdout for themselves."""
    print(text, file=sys.stderr, flush=True)


def _table() -> ModuleType:
    """The application's own table, loaded by its path: the package itself cannot be imported before set-up."""
    spec = importlib.util.spec_from_file_location("qt_libraries", ROOT / "explorer" / "cli" / "qt_libraries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_root() -> bool:
    """Whether system packages may be installed without asking for a password."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(packages: Sequence[str]) -> bool:
    """Install with apt; False (with apt's own words shown) when that fails."""
    say(f"Installing system packages with apt-get: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if done.returncode:  # of the installation; an update that failed half may still be enough
        say("\n".join(done.stdout.splitlines()[-15:]))
    return done.returncode == 0


def ensure_programs(programs: Sequence[tuple[str, str]]) -> None:
    """Install programs, given with their packages in Debian, where that can be done without asking; else they are left out."""
    lacking = [(program, package) for program, package in programs if not shutil.which(program)]
    packages = sorted({package for _, package in lacking})
    if lacking and not (is_root() and shutil.which("apt-get") and apt_install(packages)):
        say(f"Not there, and only needed by some tests: {', '.join(program for program, _ in lacking)}")


def explain(names: Sequence[str], command: Sequence[str]) -> str:
    """What is missing and the exact command, as a text for a person."""
    how = f"Install them with:\n    {'' if is_root() else 'sudo '}{' '.join(command)}"
    if not command:
        how = "No known package manager was found: install the packages of your system that bring these files."
    return f"Qt needs system libraries that are not there: {', '.join(names)}.\n{how}"


def ensure(needed: Collection[str], wished: Collection[str] = ()) -> None:
    """Make sure that the libraries for the `needed` uses are there, or exit with the command that installs them.
    Those for the `wished` uses are installed along the way where that can be done without asking, else left out."""
    table = _table()
    lacking = table.missing({*needed, *wished})
    if not lacking:
        return
    manager = table.package_manager()
    command = table.install_command(lacking, manager)
    if manager == "apt" and is_root() and apt_install(table.packages(lacking, manager)):
        lacking = table.missing({*needed, *wished})
    must = [library for library in lacking if library.use in needed]
    if must:
        sys.exit(explain([library.name for library in must], command))
    if lacking:
        names = ", ".join(library.name for library in lacking)
        hint = f" ({' '.join(command)})" if command else ""
        say(f"Not there, and only needed by {' and '.join(sorted({lib.use for lib in lacking}))}: {names}{hint}")

"""The set-up program for Windows, made by Inno Setup 6 from packaging/windows/installer.iss."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from installers.facts import NAME, PACKAGING, version


def compiler() -> str:
    """Inno Setup's command line compiler. Raises FileNotFoundError, saying where to get it."""
    found = shutil.which("iscc")
    if found:
        return found
    for variable in ("ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA"):
        for folder in ("Inno Setup 6", r"Programs\Inno Setup 6"):
            path = Path(os.environ.get(variable, "")) / folder / "ISCC.exe"
            if path.is_file():
                return str(path)
    raise FileNotFoundError("Inno Setup 6 is not installed: winget install JRSoftware.InnoSetup")


def build(out: Path) -> Path:
    """Compile the set-up program into `out`; returns its path. Raises CalledProcessError."""
    out.mkdir(parents=True, exist_ok=True)
    base = f"{NAME}-{version()}-win64-setup"
    command = [compiler(), "/Q", f"/DVersion={version()}", f"/O{out}", f"/F{base}"]
    subprocess.run([*command, str(PACKAGING / "windows" / "installer.iss")], check=True)
    return out / f"{base}.exe"

"""The .tar.zst that needs no installation: it runs from a USB stick or a read-only folder."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from installers.facts import NAME, version


def build(frozen: Path, out: Path) -> Path:
    """Pack the frozen application's folder, owned by nobody in particular. Raises CalledProcessError."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{NAME}-{version()}-linux-{platform.machine()}.tar.zst"
    pack = ["tar", "-C", str(frozen.parent), "--owner=0", "--group=0", "--numeric-owner", "-cf", "-", frozen.name]
    squeeze = ["zstd", "-q", "-f", "-10", "--long=27", "-T0", "-o", str(target)]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
        subprocess.run(squeeze, stdin=packing.stdout, check=True)
    if packing.returncode:
        raise subprocess.CalledProcessError(packing.returncode, pack)
    return target


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack beneath `folder`; returns the application's folder. Raises CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["zstd", "-q", "-d", "--long=27", "-c", str(archive)], stdout=subprocess.PIPE) as reading:
        subprocess.run(["tar", "-C", str(folder), "-xf", "-"], stdin=reading.stdout, check=True)
    return folder / NAME

"""The .deb: the application beneath /opt, a menu entry, an icon, MIME types. No maintainer script, so none can fail.

The menu, icon and MIME caches are brought up to date by the triggers of the packages that own them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from installers.facts import ICONS, NAME, PACKAGING, SUMMARY, version

MAINTAINER = "Feature Map Explorer developers <feature-map-explorer@localhost>"
# What the frozen application takes from the system (and the configuration of fonts); everything else is inside.
DEPENDS = ("libgl1", "libegl1", "libxcb1", "libdrm2", "libfontconfig1")
WAYLAND = ("libwayland-client0", "libwayland-cursor0", "libwayland-egl1")
RECOMMENDS = ("fonts-dejavu-core | fonts-freefont-ttf", *WAYLAND, "shared-mime-info", "hicolor-icon-theme")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def architecture() -> str:
    """Debian's name of this machine's architecture."""
    return _MACHINES.get(platform.machine(), platform.machine())


def control(kib: int, glibc: str) -> str:
    """The control file; `kib`: the installed size, `glibc`: the oldest C library it can run with."""
    return (
        f"Package: {NAME}\n"
        f"Version: {version()}\n"
        f"Architecture: {architecture()}\n"
        f"Maintainer: {MAINTAINER}\n"
        f"Installed-Size: {kib}\n"
        f"Depends: {', '.join((f'libc6 (>= {glibc})', *DEPENDS))}\n"
        f"Recommends: {', '.join(RECOMMENDS)}\n"
        "Section: education\n"
        "Priority: optional\n"
        f"Description: {SUMMARY}\n"
        " Every feature map of every layer, on your own model and picture. Python, Qt and\n"
        " PyTorch (for the CPU) are inside; no network is needed.\n"
    )


def build(frozen: Path, out: Path) -> Path:
    """Write the package of the frozen application into `out`; returns its path. Raises CalledProcessError."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{NAME}_{version()}_{architecture()}.deb"
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        root = Path(folder)
        root.chmod(0o755)
        _lay_out(root, frozen)
        (root / "DEBIAN").mkdir()
        text = control(sum(_kib(path) for path in root.rglob("*")), platform.libc_ver()[1])
        (root / "DEBIAN" / "control").write_text(text, encoding="utf-8")
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(root), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def _kib(path: Path) -> int:
    """As Debian counts: files rounded up to whole KiB, everything else as one."""
    return -(-path.stat().st_size // 1024) if path.is_file() and not path.is_symlink() else 1


def _lay_out(root: Path, frozen: Path) -> None:
    shutil.copytree(frozen, root / "opt" / NAME, symlinks=True)
    _readable(root / "opt")
    share = root / "usr" / "share"
    (root / "usr" / "bin").mkdir(parents=True)
    os.symlink(f"/opt/{NAME}/{NAME}", root / "usr" / "bin" / NAME)
    _put(PACKAGING / "linux" / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    _put(PACKAGING / "linux" / f"{NAME}.xml", share / "mime" / "packages" / f"{NAME}.xml")
    for side in (48, 256):
        picture = share / "icons" / "hicolor" / f"{side}x{side}" / "apps" / f"{NAME}.png"
        _put(ICONS / f"{NAME}-{side}.png", picture)
    _put(PACKAGING / "linux" / "copyright", share / "doc" / NAME / "copyright")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _readable(folder: Path) -> None:
    """For everybody, whatever the umask of the one who builds."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def is_installed() -> bool:
    """Whether any version of the package is on this machine."""
    return (Path("/opt") / NAME).exists() or (Path("/usr/bin") / NAME).exists()


@contextmanager
def installed(package: Path) -> Iterator[Path]:
    """The program while the package is installed; removed afterwards. Needs root. Raises CalledProcessError."""
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    subprocess.run(["dpkg", "--install", str(package)], **quiet)
    try:
        yield Path("/usr/bin") / NAME
    finally:
        subprocess.run(["dpkg", "--remove", NAME], **quiet)


def left_behind() -> list[str]:
    """What bears the package's name in the folders that packages write to."""
    places = ("/opt", "/usr/bin", "/usr/share", "/usr/lib", "/etc", "/var/lib", "/var/cache")
    command = ["find", *places, "-xdev", "-name", f"*{NAME}*", "-not", "-path", "/var/lib/dpkg/*"]
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()

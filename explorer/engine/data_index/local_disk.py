"""Whether a folder lies on a disk of this machine: a write-ahead log needs memory that all who use it share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "ncpfs",
    "afs",
    "9p",
    "ceph",
    "lustre",
    "gpfs",
    "glusterfs",
    "beegfs",
    "webdav",
    "davfs",
)
_REMOTE_FUSE = ("sshfs", "s3fs", "rclone", "gcsfuse", "goofys", "curlftpfs")
_MOUNTS = "/proc/self/mounts"
_REMOTE_DRIVE = 4  # of GetDriveTypeW


def network_disk(folder: Path, mounts: str = _MOUNTS) -> str:
    """The kind of network disk that a folder lies on, "" where it is none or nothing can be told."""
    place = next((p for p in (folder.absolute(), *folder.absolute().parents) if p.exists()), folder)
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(place)[0]
        remote = drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == _REMOTE_DRIVE
        return tr("network drive") if remote else ""
    return _mounted(os.path.realpath(place), mounts)


def _mounted(place: str, mounts: str) -> str:
    """By the table of mounts (Linux): the deepest that the place is in."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        at = parts[1].replace("\\040", " ").replace("\\011", "\t")
        inside = place == at or place.startswith(at.rstrip("/") + "/")
        if inside and len(at) >= len(best):
            best, kind = at, parts[2]
    plain = kind.removeprefix("fuse.")
    return kind if plain.startswith(_NETWORK) or plain in _REMOTE_FUSE else ""


def check_local(folder: Path) -> None:
    """Raises ExplorerError where an index cannot lie there."""
    kind = network_disk(folder)
    if kind:
        raise ExplorerError(
            tr("The index cannot lie on a network disk."),
            tr("{folder} is {kind}.", folder=folder, kind=kind),
            tr("Name a file on a local disk with --store."),
        )

"""What went wrong with a download, in words."""

from __future__ import annotations

import errno
import shutil
import socket
import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_HTTP = {
    401: "The server wants a password.",
    403: "The server refuses access to the file.",
    404: "The server has no such file (any more).",
    429: "The server is asked too often at the moment.",
}


def explain(error: Exception, url: str, target: Path) -> ExplorerError:
    """The error a person can act on."""
    if isinstance(error, HTTPError):
        error.close()
    if _is_ours(error):
        return _on_disk(error, target)
    return ExplorerError(
        f"{target.name} could not be downloaded.",
        _reason(error, urlsplit(url).hostname or "the server"),
        f"Try again, or fetch it on another computer from {url} and copy {target.name} into {target.parent}.",
    )


def too_little_space(target: Path, needed: int) -> None:
    """Raise before the first byte is written when the disk cannot hold the file."""
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise OSError(errno.ENOSPC, f"{byte_words(needed)} are needed and {byte_words(free)} are free")


def _is_ours(error: Exception) -> bool:
    # Only calls on files carry these numbers; a refused connection is an OSError too.
    return isinstance(error, OSError) and not isinstance(error, URLError) and error.errno in (*_FULL, *_FORBIDDEN)


def _on_disk(error: Exception, target: Path) -> ExplorerError:
    assert isinstance(error, OSError)
    folder = target.parent
    if error.errno in _FULL:
        return ExplorerError(
            f"There is no space for {target.name} in {folder}.",
            f"The disk is full ({error.strerror}).",
            "Free space, or choose another folder with FME_WEIGHTS; the download then continues where it stopped.",
        )
    return ExplorerError(
        f"{target.name} cannot be written to {folder}.",
        f"{error.strerror or error}.",
        "Choose a folder that you may write to with FME_WEIGHTS.",
    )


def _reason(error: Exception, host: str) -> str:
    if isinstance(error, HTTPError):
        return _HTTP.get(error.code, f"The server answered with error {error.code}.")
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, socket.gaierror):
        return f"There is no connection to the internet ({host} is not found)."
    if isinstance(cause, TimeoutError):
        return f"{host} does not answer."
    if isinstance(cause, ssl.SSLError):
        return f"The connection to {host} is not safe ({cause.reason or 'certificate'})."
    if isinstance(cause, ConnectionRefusedError):
        return f"{host} refuses the connection."
    text = getattr(cause, "strerror", None) or str(cause)
    return f"The connection to {host} failed ({text}); what was received is kept."

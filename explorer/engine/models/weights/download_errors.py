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
from explorer.core.translation import tr

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_HTTP = {
    401: tr("The server wants a password."),
    403: tr("The server refuses access to the file."),
    404: tr("The server has no such file (any more)."),
    429: tr("The server is asked too often at the moment."),
}


def explain(error: Exception, url: str, target: Path) -> ExplorerError:
    """The error a person can act on."""
    if isinstance(error, HTTPError):
        error.close()
    if _is_ours(error):
        return _on_disk(error, target)
    return ExplorerError(
        tr("{target} could not be downloaded.", target=target.name),
        _reason(error, urlsplit(url).hostname or tr("the server")),
        tr(
            "Try again, or fetch it on another computer from {url} and copy {target} into {parent}.",
            url=url,
            target=target.name,
            parent=target.parent,
        ),
    )


def too_little_space(target: Path, needed: int) -> None:
    """Raise before the first byte is written when the disk cannot hold the file."""
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise OSError(
            errno.ENOSPC,
            tr(
                "{byte_words} are needed and {byte_words2} are free",
                byte_words=byte_words(needed),
                byte_words2=byte_words(free),
            ),
        )


def _is_ours(error: Exception) -> bool:
    # Only calls on files carry these numbers; a refused connection is an OSError too.
    return isinstance(error, OSError) and not isinstance(error, URLError) and error.errno in (*_FULL, *_FORBIDDEN)


def _on_disk(error: Exception, target: Path) -> ExplorerError:
    assert isinstance(error, OSError)
    folder = target.parent
    if error.errno in _FULL:
        return ExplorerError(
            tr("There is no space for {target} in {folder}.", target=target.name, folder=folder),
            tr("The disk is full ({strerror}).", strerror=error.strerror),
            tr("Free space, or choose another folder with FME_WEIGHTS; the download then continues where it stopped."),
        )
    return ExplorerError(
        tr("{target} cannot be written to {folder}.", target=target.name, folder=folder),
        f"{error.strerror or error}.",
        tr("Choose a folder that you may write to with FME_WEIGHTS."),
    )


def _reason(error: Exception, host: str) -> str:
    if isinstance(error, HTTPError):
        return _HTTP.get(error.code, tr("The server answered with error {code}.", code=error.code))
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, socket.gaierror):
        return tr("There is no connection to the internet ({host} is not found).", host=host)
    if isinstance(cause, TimeoutError):
        return tr("{host} does not answer.", host=host)
    if isinstance(cause, ssl.SSLError):
        return tr(
            "The connection to {host} is not safe ({reason}).", host=host, reason=cause.reason or tr("certificate")
        )
    if isinstance(cause, ConnectionRefusedError):
        return tr("{host} refuses the connection.", host=host)
    text = getattr(cause, "strerror", None) or str(cause)
    return tr("The connection to {host} failed ({text}); what was received is kept.", host=host, text=text)

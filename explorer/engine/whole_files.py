"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def write(path: str | Path, data: bytes, durable: bool = True) -> None:
    """Writes a file whole or not at all: an old file of that name stays until the new one is complete. Not `durable`: the disk is not
    waited for, as for what is written anew every few seconds."""
    with replacing(path, durable) as file:
        file.write(data)


@contextmanager
def replacing(path: str | Path, durable: bool = True) -> Iterator[BinaryIO]:
    """What is written into it becomes the file `path` once all of it is on the disk; where anything fails, an old file of that name
    stays. Raises ExplorerError where it cannot be written."""
    target = Path(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=target.parent)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise _not_saved(target, error) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _not_saved(target: Path, error: OSError) -> ExplorerError:
    what = tr("{target} could not be saved.", target=target.name)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ExplorerError(
            what,
            tr("The disk of {parent} is full.", parent=target.parent),
            tr("Free some space or choose another folder."),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ExplorerError(
            what, tr("Writing in {parent} is not allowed.", parent=target.parent), tr("Choose another folder.")
        )
    if isinstance(error, FileNotFoundError):
        return ExplorerError(
            what, tr("The folder {parent} is not there.", parent=target.parent), tr("Choose another folder.")
        )
    return ExplorerError(what, str(error), tr("Choose another name or folder."))

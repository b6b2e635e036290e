"""What every input file goes through before anything decodes it: is it there, is it a file, may it be read."""

from __future__ import annotations

import stat
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

PICTURE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"}
    | {".pgm", ".ppm", ".pbm", ".pnm", ".pfm", ".avif"}
)
VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".ogv", ".wmv"})

SOUND_SUFFIXES = frozenset(
    {".wav", ".wave", ".w64", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".aifc"}
    | {".au", ".snd", ".caf", ".mka", ".weba"}
)


def check_file(path: Path, what: str) -> None:
    """Raises ExplorerError when `path` is missing, a folder, not readable or empty. `what`: "picture" or "video"."""
    try:
        if path.is_dir():
            raise ExplorerError(
                tr("“{path}” is a folder, not a {what}.", path=path.name, what=what),
                str(path),
                tr("Choose a {what} in it, or open it as a folder.", what=what),
            )
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, without end
            raise ExplorerError(
                tr("“{path}” is not a file.", path=path.name),
                tr("{path} is a pipe or a device.", path=path),
                tr("Choose a {what} file.", what=what),
            )
        with path.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        raise unreadable(path, what, error) from error
    except ValueError as error:  # a NUL in the name
        raise ExplorerError(
            tr("This is not a file name."), f"{error}.", tr("Choose a {what} file.", what=what)
        ) from None
    if not first:
        raise ExplorerError(
            tr("“{path}” is empty.", path=path.name),
            tr("The file has 0 bytes."),
            tr("Copy the {what} again, or choose another one.", what=what),
        )


def unreadable(path: Path, what: str, error: OSError) -> ExplorerError:
    """An operating-system error in words."""
    if isinstance(error, FileNotFoundError):
        return ExplorerError(
            tr("There is no {what} “{path}”.", what=what, path=path.name),
            tr("{path} does not exist.", path=path),
            tr("It may have been moved: choose it again."),
        )
    if isinstance(error, PermissionError):
        return ExplorerError(
            tr("“{path}” may not be read.", path=path.name),
            tr("{path}: permission denied.", path=path),
            tr("Change its permissions, or copy it to a folder of your own."),
        )
    return ExplorerError(
        tr("“{path}” cannot be read.", path=path.name),
        f"{path}: {error.strerror or error}.",
        tr("Try a copy on another disk."),
    )

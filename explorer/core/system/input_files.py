"""What every input file goes through before anything decodes it: is it there, is it a file, may it be read."""

from __future__ import annotations

import stat
from pathlib import Path

from explorer.core.errors import ExplorerError

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
                f"“{path.name}” is a folder, not a {what}.",
                str(path),
                f"Choose a {what} in it, or open it as a folder.",
            )
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, without end
            raise ExplorerError(
                f"“{path.name}” is not a file.", f"{path} is a pipe or a device.", f"Choose a {what} file."
            )
        with path.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        raise unreadable(path, what, error) from error
    except ValueError as error:  # a NUL in the name
        raise ExplorerError("This is not a file name.", f"{error}.", f"Choose a {what} file.") from None
    if not first:
        raise ExplorerError(
            f"“{path.name}” is empty.", "The file has 0 bytes.", f"Copy the {what} again, or choose another one."
        )


def unreadable(path: Path, what: str, error: OSError) -> ExplorerError:
    """An operating-system error in words."""
    if isinstance(error, FileNotFoundError):
        return ExplorerError(
            f"There is no {what} “{path.name}”.", f"{path} does not exist.", "It may have been moved: choose it again."
        )
    if isinstance(error, PermissionError):
        return ExplorerError(
            f"“{path.name}” may not be read.",
            f"{path}: permission denied.",
            "Change its permissions, or copy it to a folder of your own.",
        )
    return ExplorerError(
        f"“{path.name}” cannot be read.", f"{path}: {error.strerror or error}.", "Try a copy on another disk."
    )

"""What people bring by drag and drop or from the clipboard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage, QPixmap

from explorer.core.arrays import Array
from explorer.core.data_index import SUFFIX as INDEX_SUFFIX
from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import KIT_SUFFIX as LESSON_SUFFIX
from explorer.core.lessons.lesson_file import NAME as LESSON_NAME
from explorer.core.session.bundle_manifest import SUFFIX as BUNDLE_SUFFIX
from explorer.core.session.named_files import is_program
from explorer.core.translation import tr

SESSION_SUFFIXES = (".fmx.json", BUNDLE_SUFFIX)
_LONGEST = 100_000  # characters of clipboard text that is looked at for paths


class Incoming(NamedTuple):
    """Paths by what they are, each group in the order they came."""

    pictures: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    models: tuple[
        str, ...
    ] = ()  # folders as transformers saves a model, cards of learnt models, exported programs, ONNX
    folders: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()  # kits, and folders with a lesson.toml
    indexes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def classify(paths: Iterable[str]) -> Incoming:
    """Sorts by suffix; a folder is one that is there. Whether a file can be opened is seen when it is opened."""
    groups: dict[str, list[str]] = {name: [] for name in Incoming._fields}
    for path in paths:
        groups[_kind(path)].append(path)
    return Incoming(**{name: tuple(found) for name, found in groups.items()})


def _kind(path: str) -> str:
    # late: both packages are light, but the window is on the screen before anything is dropped on it
    from explorer.core.input_files import VIDEO_SUFFIXES
    from explorer.engine.inputs import file_suffixes
    from explorer.engine.models.card_file import is_card
    from explorer.engine.models.hf_folder import holds_model
    from explorer.engine.models.weights.locate import OPENED

    suffix = Path(path).suffix.lower()
    if suffix == LESSON_SUFFIX or Path(path).name == LESSON_NAME or _is_file(Path(path) / LESSON_NAME):
        return "lessons"
    if _is_folder(path):
        return "models" if holds_model(Path(path)) else "folders"
    if path.lower().endswith(SESSION_SUFFIXES):
        return "sessions"
    if suffix == INDEX_SUFFIX:
        return "indexes"
    if is_program(path) or is_card(Path(path)):
        return "models"
    if path.lower().endswith(OPENED):  # some have two dots: .pth.tar
        return "weights"
    known = (VIDEO_SUFFIXES, "videos"), (file_suffixes(), "pictures"), ((".py",), "python")
    return next((kind for suffixes, kind in known if suffix in suffixes), "unknown")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: str) -> bool:
    try:
        return bool(path) and Path(path).is_dir()
    except (OSError, ValueError):  # too long a name, a NUL in it
        return False


def local_paths(data: QMimeData) -> list[str]:
    """The files and folders that a drag or a copy names; addresses in the net are no paths."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def from_clipboard(data: QMimeData | None) -> list[str] | Array | None:
    """Paths, a picture as `image_array` makes it, or None when there is neither. Raises ExplorerError for a broken picture.

    Files come first: a file manager puts a file's icon beside its name. `data` None: another program took the clipboard and
    gives nothing.
    """
    if data is None:
        return None
    paths = local_paths(data)
    if paths:
        return paths
    if data.hasImage():
        image = data.imageData()
        if isinstance(image, QPixmap):
            image = image.toImage()
        if isinstance(image, QImage) and not image.isNull():  # it may be announced and not be there
            return image_array(image)
    return _paths_in(data.text()) or None if data.hasText() else None


def _paths_in(text: str) -> list[str]:
    """Absolute paths and file: addresses, one a line; [] when a line is anything else."""
    lines = [line.strip().strip("\"'") for line in text[:_LONGEST].splitlines() if line.strip()]
    paths = [QUrl(line).toLocalFile() if line.startswith("file:") else line for line in lines]
    return paths if all(_exists(path) for path in paths) else []


def _exists(path: str) -> bool:
    try:
        return bool(path) and Path(path).is_absolute() and Path(path).exists()
    except (OSError, ValueError):
        return False


def image_array(image: QImage) -> Array:
    """(H, W) grey, (H, W, 3) or, where it has transparency, (H, W, 4) with alpha last; uint16 for deep pictures, else uint8.

    A copy, alpha not multiplied in. Raises ExplorerError for an image without pixels.
    """
    if image.isNull():
        raise ExplorerError(tr("There is no picture to paste."), tr("Its pixels are missing."), tr("Copy it again."))
    form = QImage.Format
    if image.format() in (form.Format_Grayscale8, form.Format_Grayscale16):
        return _plane(image, np.uint8 if image.format() == form.Format_Grayscale8 else np.uint16, 1)[..., 0]
    if _deep(image):
        pixels = _plane(image.convertToFormat(form.Format_RGBA64), np.uint16, 4)
    else:
        pixels = _plane(image.convertToFormat(form.Format_RGBA8888), np.uint8, 4)
    return pixels if _transparent(image, pixels) else np.ascontiguousarray(pixels[..., :3])


def _deep(image: QImage) -> bool:
    """More than eight bits a channel: 10, 16 and the float formats."""
    fmt = image.pixelFormat()
    return max(fmt.redSize(), fmt.greenSize(), fmt.blueSize()) > 8


def _plane(image: QImage, dtype: type[np.uint8 | np.uint16], channels: int) -> Array:
    """(H, W, channels), a copy; rows of a QImage are padded to four bytes."""
    height, width = image.height(), image.width()
    size = width * channels * np.dtype(dtype).itemsize
    stride = image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8, height * stride).reshape(height, stride)[:, :size]
    return np.ascontiguousarray(rows).view(dtype).reshape(height, width, channels).copy()


def _transparent(image: QImage, pixels: Array) -> bool:
    if not image.hasAlphaChannel():
        return False
    # Windows programs copy opaque pictures with an alpha of zero everywhere: colours that could never be seen are meant
    nothing = not pixels[..., 3].any() and bool(pixels[..., :3].any())
    return not nothing

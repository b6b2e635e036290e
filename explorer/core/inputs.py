"""What is given to a model: where it comes from, and its pixels."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError

BUILT_IN = (
    "picture",
    "video",
    "camera",
    "scene",
    "clipboard",
    "sample",
    "sound",
    "text",
    "lines",
)  # kinds that come with the program


@dataclass(frozen=True, slots=True)
class InputRef:
    """Where an input comes from; enough to open it again."""

    kind: str  # InputKind.id
    path: str = ""
    frame: int = 0  # of a video or the animated scene


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded input in original coordinates: (H, W, C) uint8 or uint16 or float32 (0..1), C in {1, 3}, read-only."""

    ref: InputRef
    pixels: Array
    digest: str  # sha256 of the pixels and their shape, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()  # "alpha composed over white", "EXIF orientation 6 applied", ...
    small: Array | None = None  # see `shown`; None: `pixels` are as the screen wants them

    @property
    def shown(self) -> Array:
        """(h, w, 3) uint8 for the screen: the whole picture, no side longer than `core.render.display_image.MOST_PIXELS`."""
        return self.pixels if self.small is None else self.small

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in original pixels."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A decoded sound at its own rate: (channels, T) float32, about -1..1, read-only."""

    ref: InputRef
    samples: Array
    rate: int  # samples a second
    digest: str  # sha256 of the samples and the rate, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(1, samples): a sound is one row."""
        return 1, int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1] / self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """What somebody wrote."""

    ref: InputRef
    text: str
    digest: str  # sha256 of it, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(1, characters): a text is one row."""
        return 1, len(self.text)


Input = Picture | Sound | Text


def as_picture(given: Input) -> Picture:
    """Raises ExplorerError for what is none."""
    if isinstance(given, Picture):
        return given
    raise ExplorerError(
        "This needs a picture.", f"“{given.name}” is a {type(given).__name__.lower()}.", "Open a picture."
    )


def nbytes_of(given: Input) -> int:
    """Bytes that an input holds."""
    if isinstance(given, Text):
        return len(given.text)
    if isinstance(given, Sound):
        return given.samples.nbytes
    return given.pixels.nbytes + (0 if given.small is None else given.small.nbytes)

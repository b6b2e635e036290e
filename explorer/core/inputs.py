"""What is given to a model: where it comes from; pictures and texts. Sounds are in `sounds`."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.arrays import Array

BUILT_IN = (
    "picture",
    "video",
    "camera",
    "microphone",
    "scene",
    "clipboard",
    "sample",
    "sound",
    "text",
    "lines",
    "tensor",
)  # kinds that come with the program


@dataclass(frozen=True, slots=True)
class InputRef:
    """Where an input comes from; enough to open it again."""

    kind: str  # InputKind.id
    path: str = ""
    frame: int = 0  # of a video or the animated scene
    start: float = 0.0  # s: where a window of a sound begins
    length: float = 0.0  # s: of that window; 0: to the end


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded input in original coordinates: (H, W, C) uint8 or uint16 or float32 (0..1), C in {1, 3}, read-only."""

    ref: InputRef
    pixels: Array
    digest: str  # sha256 of the pixels and their shape, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()  # "alpha composed over white", "EXIF orientation 6 applied", ...
    small: Array | None = None  # see `shown`; None: `pixels` are as the screen wants them
    exact: Array | None = None  # (C, H, W): the very numbers that the model is given; `pixels` only draw them

    @property
    def shown(self) -> Array:
        """(h, w, 3) uint8 for the screen: the whole picture, no side longer than `core.render.display_image.MOST_PIXELS`."""
        return self.pixels if self.small is None else self.small

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in original pixels."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])


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

"""The application's icon: nine feature maps, one of them lit. Needs Pillow; run in the environment of the build."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from installers.facts import ICONS, NAME

SIDE = 512
_GROUND = (22, 23, 27, 255)
# magma, from dark to light: how lively each of the nine maps is
_TILES = ("#2c115f", "#641a80", "#b73779", "#721f81", "#fcfdbf", "#f1605d", "#1c1044", "#b73779", "#4f127b")
_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def draw(side: int = SIDE) -> Image.Image:
    """The icon, (side, side) RGBA, with round corners."""
    picture = Image.new("RGBA", (SIDE, SIDE))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((16, 16, SIDE - 17, SIDE - 17), 80, _GROUND)
    for at, colour in enumerate(_TILES):
        left, top = 64 + 132 * (at % 3), 64 + 132 * (at // 3)
        pen.rounded_rectangle((left, top, left + 119, top + 119), 18, colour)
    return picture if side == SIDE else picture.resize((side, side), Image.Resampling.LANCZOS)


def write(folder: Path = ICONS) -> None:
    """PNG files for Linux, .ico for Windows, .icns for macOS."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in _SIZES:
        draw(side).save(folder / f"{NAME}-{side}.png")
    draw().save(folder / f"{NAME}.ico", sizes=[(side, side) for side in _SIZES if side <= 256])
    draw().save(folder / f"{NAME}.icns")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ICONS)

"""Draws the sample pictures that ship with the application: `python packaging/draw_samples.py [--out FOLDER]`.

numpy and Pillow only; seeded; the same pixels every time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from sample_art import charts, scenes
from sample_art.canvas import Canvas

PICTURES: dict[str, Callable[[], Canvas]] = {
    "house": scenes.house,
    "cat": scenes.cat,
    "mountains": scenes.mountains,
    "balls": scenes.balls,
    "shapes": charts.shapes,
    "letters": charts.letters,
    "colours": charts.colours,
    "gratings": charts.gratings,
}


def draw(out: Path) -> None:
    """Write every picture as a PNG into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for name, paint in PICTURES.items():
        path = out / f"{name}.png"
        Image.fromarray(paint().pixels()).save(path, optimize=True)
        print(f"{path}  {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "resources" / "samples")
    draw(parser.parse_args().out)

"""A part of every kind, and a ruler of text that needs no fonts."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_parts import (
    BarsPart,
    ColourScale,
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigureFrame,
    HistogramPart,
    MatrixPart,
    NotePart,
    PicturePart,
    ScatterPart,
    TablePart,
    TilesPart,
    WordsPart,
)
from explorer.core.render import colormaps


class WideRuler:
    """Every letter is 0.62 em wide."""

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return len(text) * size * (0.66 if bold else 0.62)

    def ascent(self, size: float) -> float:
        return 0.9 * size

    def descent(self, size: float) -> float:
        return 0.25 * size


def every_part() -> FigureDescription:
    """Two rows of several parts, and one of each kind alone."""
    rng = np.random.default_rng(0)
    magma, diverging = colormaps.table("magma"), colormaps.table("blue-white-red")
    scale, signed = ColourScale(magma, 0.0, 2.58, "activation"), ColourScale(diverging, -1.5, 1.5, "signed", "σ")
    picture = rng.integers(0, 255, (9, 12, 3)).astype(np.uint8)
    tiles = tuple(rng.integers(0, 255, (5, 5, 3)).astype(np.uint8) for _ in range(70))
    values = rng.random((30, 26))
    layers = tuple(f"stage{at // 4}.{at % 4}.a_rather_long_name.conv1" for at in range(30))
    x = np.linspace(0.0, 1.0, 40)
    curves = (
        FigureCurve("deletion, area 0.35", x, rng.random(40), x - 0.1, x + 0.1),
        FigureCurve("insertion, area 0.30", x, rng.random(40), dashed=True),
    )
    words = tuple("the quick brown fox jumps over incomprehensibilities".split())
    rgba = np.concatenate([np.full((7, 3), 120), rng.integers(0, 255, (7, 1))], 1).astype(np.uint8)
    return FigureDescription(
        "Attribution of class “star” with its randomisation test",
        (
            (
                PicturePart("Grad-CAM", picture, scale, frames=(FigureFrame(2, 3, 1, 1),)),
                PicturePart("Top 8 layers randomised", picture, signed, note="rank correlation 0.02"),
            ),
            (TilesPart("stage3", tiles, tuple(map(str, range(70))), scale, chosen=5),),
            (
                MatrixPart(
                    *(
                        "CKA",
                        values,
                        magma[(values * 255).astype(int)],
                        layers,
                        layers[:26],
                        "demo:shapes-cnn",
                        "other",
                    ),
                    ColourScale(magma, 0.0, 1.0, "CKA"),
                    tuple((at, at) for at in range(26)),
                ),
            ),
            (
                CurvesPart("Curves", curves, FigureAxis("pixels", "%"), FigureAxis("probability")),
                HistogramPart("Values", rng.integers(0, 300, 20), np.linspace(-1, 1, 21)),
            ),
            (
                BarsPart(
                    "Classes", ("star", "a very long class name, that wraps"), (0.9, -0.3), ("90 %", "−30 %"), True
                ),
                TablePart("Numbers", ("measure", "value", "note"), (("mean", "0.25", "of all cells in this layer"),)),
            ),
            (WordsPart("Words", words, rgba), ScatterPart("Points", x, x * x, np.arange(40) % 3, ("a", "b", "c"))),
            (NotePart("A sentence with several words in it."),),
            (CurvesPart("By layer", (FigureCurve("accuracy", np.arange(30.0), x[:30]),), names=layers),),
        ),
        "demo:shapes-cnn (trained); input star.png, 96 × 96 px; layer stage3.1.norm1, 64 × 12 × 12.",
    )

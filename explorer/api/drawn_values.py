"""Pictures of values: mosaics, and whatever a result draws. They show themselves in a notebook and save themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core import render
from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.render import colormaps
from explorer.core.translation import tr
from explorer.engine import export


@dataclass(frozen=True, eq=False, repr=False)
class DrawnValues:
    """A finished picture. rgb: (height, width, 3) uint8, read-only; manifest: what it shows and what it was made of."""

    rgb: Array
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<explorer.DrawnValues: {self.rgb.shape[1]} × {self.rgb.shape[0]} pixels>"

    def _repr_png_(self) -> bytes:
        return export.png(self.rgb)

    def save(self, path: str | Path) -> Path:
        """Writes a PNG with the manifest as JSON in its description. Raises ExplorerError."""
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise ExplorerError(tr("{out} does not end in .png.", out=path.name), "", tr("Name the file FILE.png."))
        export.write(str(path), export.png(self.rgb, json.dumps(self.manifest) if self.manifest else ""))
        return path


def picture_of(
    values: Array,
    tap: Tap,
    width: int = 1600,
    height: int = 1200,
    mode: render.ScaleMode = render.ScaleMode.PER_MAP,
    colormap: str = "",
) -> Array:
    """(H, W, 3) uint8: all maps of a tap; a vector or a sequence as one picture."""
    if colormap and colormap not in (*colormaps.SEQUENTIAL, *colormaps.DIVERGING):
        known = ", ".join((*colormaps.SEQUENTIAL, *colormaps.DIVERGING))
        raise ExplorerError(
            tr("There is no colour map “{name}”.", name=colormap), tr("There are: {names}.", names=known)
        )
    line = render.as_line(values, tap)
    found = render.as_maps(values, tap) if line is None else None
    if found is None:
        vector = render.as_vector(values, tap) if line is None else None
        flat = (
            line
            if line is not None
            else np.atleast_2d(np.asarray(vector if vector is not None else values, np.float32).ravel())
        )
        found = flat[None]
    scale = render.limits(found, mode)
    grid = render.fit_grid(len(found), found.shape[1], found.shape[2], height, width)
    usual = colormaps.diverging_for(dark=False) if scale.signed else "magma"
    return render.mosaic(found, grid, scale, colormap or usual).rgb

"""A checkerboard: `example.pattern:CELLS`."""

import numpy as np

from explorer.core.errors import ExplorerError
from explorer.core.input_kind import InputKind
from explorer.core.inputs import InputRef, Picture
from explorer.engine.inputs.image_arrays import picture_from_array


def opened(ref: InputRef) -> Picture:
    """A checkerboard of so many cells a side."""
    if not ref.path.isdigit() or not 1 <= int(ref.path) <= 64:
        raise ExplorerError(f"{ref.path!r} is no number of cells.", "", "Give 1 to 64, as in example.pattern:8.")
    cells = np.indices((int(ref.path),) * 2).sum(0) % 2 * 255
    pixels = np.kron(cells, np.ones((8, 8))).astype(np.uint8)
    return picture_from_array(np.repeat(pixels[..., None], 3, 2), ref, f"{ref.path} × {ref.path} cells")


KIND = InputKind("example.pattern", "Checkerboard", "fme_example.pattern:opened", named=True)

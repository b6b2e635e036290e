"""A layer view: how large the vector of each cell is, from black to white."""

import numpy as np

from explorer.core.layer_view_spec import LayerViewSpec

SPEC = LayerViewSpec(
    "example.energy", "Energy", "Length of each cell's vector", "the energy picture", "fme_example.energy:paint"
)


def paint(cells: np.ndarray) -> np.ndarray:
    """(rows, columns, channels) to (rows, columns, 3) uint8."""
    length = np.linalg.norm(cells, axis=2)
    grey = (255 * length / max(float(length.max()), 1e-12)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)

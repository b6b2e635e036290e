"""pyqtgraph as this application uses it: rows first, no OpenGL, every move of the pointer is delivered."""

from __future__ import annotations

import pyqtgraph as pg

# useOpenGL draws wrong pictures of large arrays and changes how the whole window is composed (pyqtgraph#1371, #2656)
pg.setConfigOptions(imageAxisOrder="row-major", antialias=False, useOpenGL=False, mouseRateLimit=-1)

__all__ = ["pg"]

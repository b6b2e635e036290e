"""Draws the map in the colours of the program."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout

from explorer.core.render.colormaps import table
from explorer.ui.method_page.result_page import ResultPage as Base
from score_cam.spec import SPEC, ScoreCam

_SIDE = 220  # px


class ResultPage(Base[ScoreCam]):
    """The cells of the layer, from 0 to the largest, and the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.map, self.words = QLabel(), QLabel(wordWrap=True)
        self.map.setAccessibleName(SPEC.title)
        layout = QVBoxLayout(self)
        layout.addWidget(self.map)
        layout.addWidget(self.words)

    def show_result(self, result: ScoreCam) -> None:
        share = result.cam / max(float(result.cam.max()), 1e-12)
        rgb = np.ascontiguousarray(table("magma")[np.rint(255 * share).astype(int)])
        image = QImage(rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888)
        fast = Qt.TransformationMode.FastTransformation
        self.map.setPixmap(QPixmap.fromImage(image).scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, fast))
        self.words.setText(SPEC.write(result))

"""The waveform or the spectrogram, how far it drives the channel, and the waveform played."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QPushButton, QWidget

from explorer.core.render import colormaps
from explorer.core.render.waveform import waveform_of
from explorer.core.translation import tr
from explorer.methods.sound_maximisation.spec import SoundMaximisation
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.sound.player import Player
from explorer.ui.widgets.page_frame import column_of, paragraph

_HIGH = 120  # px


class ResultPage(Base[SoundMaximisation]):
    """A spectrogram has its lowest band on top, as the maps have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: SoundMaximisation | None = None
        self.panel, self.said = ImagePanel(), paragraph()
        self.panel.setFixedHeight(_HIGH)
        self.panel.setAcceptDrops(False)
        self.play = QPushButton(tr("▶ Play"))
        self.play.setToolTip(tr("Play the waveform; its largest sample is full scale"))
        self.play.clicked.connect(self._toggle)
        self._player = Player(self)
        self._player.playing_changed.connect(self._say)
        self._player.failed.connect(self.said.setText)
        column_of(self, self.panel, self.play, self.said)

    def show_result(self, result: SoundMaximisation) -> None:
        self._result = result
        self.play.setVisible(result.wave)
        self.said.setText(result.told)
        long = max(round(result.values.shape[2] * result.ms), 1)
        if result.wave:
            pixels = waveform_of(result.values[:, 0], float(np.abs(result.values).max()))
        else:
            rows = result.values[0]
            low, high = float(rows.min()), float(rows.max())
            shares = (rows - low) / ((high - low) or 1.0)
            pixels = colormaps.table("viridis")[np.rint(shares * 255).astype(np.intp)]
        self.panel.set_picture(pixels, "", (1, long), True, "milliseconds")

    def _toggle(self) -> None:
        result = self._result
        if self._player.playing:
            self._player.stop()
        elif result is not None and result.wave:
            peak = float(np.abs(result.values).max()) or 1.0
            self._player.play(np.ascontiguousarray(result.values[:, 0] / peak), result.rate)

    def _say(self, playing: bool) -> None:
        self.play.setText(tr("■ Stop") if playing else tr("▶ Play"))

"""How a training goes: its loss and its accuracy over the epochs, side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from explorer.core.transfer import Training
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.transfer.training_words import best_of

_THICK = 2.0  # px, of what there is one value an epoch of
_LOW = 110  # px that a plot has at least
_BROAD = 280  # px from which they stand side by side
_BESIDE = 0.025  # of the epochs that is left free at both ends, so that dots are whole
_NOT_YET = tr("Training draws the {} here.")
_UNSPARED = tr("No picture is spared for validation: four a class are needed.")


class TrainingPlots(QWidget):
    """Left the loss of each step and, thick, that of the validation pictures; right the share of these that is right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = CurvePlot(tr("Loss over epochs"), title=tr("loss (nats)"))
        self.accuracy = CurvePlot(tr("Validation accuracy over epochs"), title=tr("validation accuracy"))
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().space)
        for plot, share in ((self.loss, 6), (self.accuracy, 7)):  # its names are longer
            plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            plot.setMinimumHeight(_LOW)
            plot.names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            assert plot.view.bottom_axis is not None
            plot.view.bottom_axis.whole = True
            row.addWidget(plot, share)
        self.loss.setToolTip(
            tr(
                "Cross-entropy in nats, lower is better: thin of each training step, thick of the validation pictures after each epoch"
            )
        )
        self.accuracy.setToolTip(
            tr(
                "Share of the validation pictures that is told right after each epoch; they have no part in learning but choose the epoch"
            )
        )
        self.show_training(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.LeftToRight if event.size().width() >= text_size.px(_BROAD) else ways.TopToBottom)

    def show_training(self, training: Training | None) -> None:
        """The curves so far; None: there are none."""
        self.loss.view.set_empty(_NOT_YET.format("loss"))
        self.accuracy.view.set_empty(_NOT_YET.format("accuracy") if not training or not training.epochs else _UNSPARED)
        span = _span(training.target.params.epochs) if training is not None else None
        self.loss.set_curves(_losses(training), x_range=span, x_title=tr("epochs"))
        curves = _accuracies(training)
        self.accuracy.set_curves(curves, y_unit=" %", x_range=span, from_zero=False, x_title=tr("epochs"))


def _span(epochs: int) -> tuple[float, float]:
    return -_BESIDE * epochs, (1 + _BESIDE) * epochs


def _losses(training: Training | None) -> tuple[CurveData, ...]:
    if training is None:
        return ()
    epochs = np.array([each.epoch for each in training.epochs], np.float64)
    validation = np.array([each.validation_loss for each in training.epochs], np.float64)
    curves = [CurveData(training.ends, training.losses, "training", "dim")] if len(training.ends) else []
    if np.isfinite(validation).any():
        curves.append(CurveData(epochs, validation, "validation", "accent", _THICK))
    return tuple(curves)


def _accuracies(training: Training | None) -> tuple[CurveData, ...]:
    """With the start and the best epoch as dots."""
    if training is None:
        return ()
    epochs = np.array([each.epoch for each in training.epochs], np.float64)
    shares = 100 * np.array([each.validation_accuracy for each in training.epochs], np.float64)
    if not np.isfinite(shares).any():
        return ()
    curves = [CurveData(epochs, shares, "accuracy", "accent", _THICK)] if len(epochs) > 1 else []
    curves.append(CurveData(epochs[:1], shares[:1], "start", "dim"))
    best = best_of(training)
    if best is not None and best.epoch:
        at, high = np.array([float(best.epoch)]), np.array([100 * best.validation_accuracy])
        curves.append(CurveData(at, high, "best", "warm"))
    return tuple(curves)

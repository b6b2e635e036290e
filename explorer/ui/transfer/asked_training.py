"""What would be trained now: Explore's model, the data set and the settings; or why nothing can be."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from explorer.core.data_sets import check
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.transfer import Trainable, TransferParams, TransferTarget
from explorer.core.translation import tr
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.trainable_models import TrainableModels

NAME = "transfer"  # of the settings, and of the workspace


class AskedTraining(QObject):
    """`changed`: what is known of the model is another thing."""

    changed = Signal()

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self.models = lab, TrainableModels(lab.host.client, self)
        self.models.told.connect(self.changed)

    @property
    def trainable(self) -> Trainable | None:
        """What is known of Explore's model."""
        return None if self._lab.card is None else self.models.known(self._lab.card.digest)

    @property
    def params(self) -> TransferParams:
        """As the session has them; a layer that this model does not have freezes nothing."""
        params, of = self._lab.params(NAME, TransferParams), self.trainable
        lacking = of is not None and params.freeze not in of.points
        return replace(params, freeze="") if lacking else params

    def set_params(self, params: TransferParams) -> None:
        """Other settings: a step of the history."""
        if params != self.params:
            self._lab.set_params(NAME, params)

    @property
    def target(self) -> TransferTarget | None:
        """None while there is a reason against it."""
        card, data = self._lab.card, self._lab.data
        if card is None or data is None or self.why_not():
            return None
        return TransferTarget(card.digest, data, self.params)

    def why_not(self) -> str:
        """Why nothing can be trained; "" where it can. What is not known of a model is asked for."""
        card, data, picture = self._lab.card, self._lab.data, self._lab.host.picture
        if card is None:
            return tr("Open a model in Explore: a copy of it learns the classes.")
        if picture is None:
            return tr("Open an input in Explore: it tells which layers the model has.")
        if not isinstance(picture, Picture):
            return tr("Open a picture in Explore: data sets are of pictures.")
        of = self.models.of(card.digest, picture)
        if data is None:
            return tr("Open a data set at the left: a copy of the model learns its classes.")
        try:
            check(data)
        except ExplorerError as error:
            return str(error)
        return tr("Looking at what can learn …") if of is None else of.reason

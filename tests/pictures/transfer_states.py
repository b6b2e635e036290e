"""The workspace Transfer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage, TransferPlace
from explorer.core.transfer import TransferParams
from tests.pictures.picture_state import CNN, WORLD, State


def _transfer(data: str, page: TransferPage = TransferPage.LAYERS) -> Session:
    return Session(CNN, WORLD, "stage3.0", 5, workspace="transfer", transfer=TransferPlace(data, page=page))


def _probed(app: Any) -> None:
    lab = app.view("transfer")
    lab.probe.by_layer.run()
    app.rest()
    labels = lab.lab.data.labels
    lab.lab.move(confused=(labels[0], labels[2]))


def _counted(app: Any) -> None:
    _probed(app)
    app.view("transfer").view.tabs.setCurrentIndex(1)
    app.rest()
    app.view("transfer").probe.by_count.run()


def _trained(app: Any) -> None:
    lab = app.view("transfer")
    lab.lab.set_params("transfer", TransferParams("stage2.1", epochs=4))
    app.rest()
    lab.training.toggle()


def _before_after(app: Any) -> None:
    _trained(app)
    app.rest()
    app.view("transfer").training.copy.compare()


def transfer_states() -> Mapping[str, State]:
    """Its pages."""
    return {
        "transfer-start": State(_transfer("")),
        "transfer-layers": State(_transfer("demo:materials"), _probed),
        "transfer-no-transfer": State(_transfer("demo:digits"), _probed),
        "transfer-pictures": State(_transfer("demo:materials"), _counted),
        "transfer-training": State(_transfer("demo:materials", TransferPage.TRAINING), _trained),
        "transfer-before-after": State(_transfer("demo:materials", TransferPage.TRAINING), _before_after),
    }

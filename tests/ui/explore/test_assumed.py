"""What was assumed of a model's input and classes is said in the open, and leads to where it is changed."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from explorer.core.models import AssumedNote, ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.ui.explore.input_panel import InputPanel

CARD = ModelCard(ModelSpec("torchvision:googlenet"), "googlenet", "torchvision", WeightsInfo(True), Preprocess())
NOTES = (
    "Prefix “module.” taken off the names in the file.",
    AssumedNote("Preprocessing assumed: IMAGENET1K_V1 of torchvision; it can be changed.", "preprocessing"),
    AssumedNote("Labels assumed: the 1000 classes of ImageNet; a file mine.labels.txt names others.", "labels"),
    AssumedNote("transform_input is off: the file is not torchvision's own.", "transform_input"),
)


def test_what_is_assumed_stands_in_the_panel(qtbot: QtBot) -> None:
    panel = InputPanel()
    qtbot.addWidget(panel)
    panel.show_assumed(replace(CARD, notes=NOTES).assumed)
    assert not panel.assumed.isHidden()
    assert panel.assumed.accessibleName() == "Assumed: preprocessing, labels, transform_input · change …"
    assert "mine.labels.txt" in panel.assumed.toolTip()
    assert "module." not in panel.assumed.toolTip()
    panel.show_assumed(CARD.assumed)
    assert panel.assumed.isHidden()

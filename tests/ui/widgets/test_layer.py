"""What a layer holds is seen in the widget that fits it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.core.display import display
from explorer.core.session import Session
from explorer.core.types import Kind, Layout, Tap
from explorer.ui.widgets.layer import LayerStack


def tap(layout: Layout, *shape: int, **more: Any) -> Tap:
    return Tap("layer", "layer", 0, "Layer", Kind.OTHER, shape=(1, *shape), layout=layout, **more)


def values(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("layer", "seen", "says"),
    [
        (tap(Layout.NCHW, 5, 4, 3, grid=(4, 3)), "mosaic", "5 feature maps"),
        (tap(Layout.NC, 7), "vector", ""),
        (tap(Layout.NCT, 5, 9), "sequence", "5 channels, 9 steps"),
        (tap(Layout.NLC, 9, 5), "sequence", "5 channels, 9 tokens"),
        (tap(Layout.NLC, 13, 5, grid=(4, 3), prefix=1), "mosaic", "5 feature maps"),
    ],
)
def test_maps_vectors_and_sequences_have_a_widget_each(qtbot: Any, layer: Tap, seen: str, says: str) -> None:
    stack = LayerStack()
    qtbot.addWidget(stack)
    qtbot.addWidget(stack.tokens)
    stack.show_display(display(layer, values(*layer.shape[1:]), Session(), True), ())
    view = getattr(stack, seen)
    assert stack.currentWidget() is view
    assert says in view.accessibleDescription()
    assert stack.tokens.isHidden() is (layer.prefix == 0)
    stack.clear("Nothing yet.")
    assert stack.currentWidget() is stack.mosaic
    assert stack.tokens.isHidden()

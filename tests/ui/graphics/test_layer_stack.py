"""What a layer holds is seen in the widget that fits it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.session.display import display
from explorer.core.session.session import Session
from explorer.ui.graphics.layer_stack import LayerStack


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


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (tap(Layout.NCT, 5, 9, grid=(1, 9)), "5 channels, 9 steps"),
        (tap(Layout.NLC, 10, 5, grid=(1, 9), prefix=1), "5 channels, 9 tokens"),
        (tap(Layout.NLC, 9, 5, grid=(9, 1)), "5 channels, 9 tokens"),
        (tap(Layout.NCHW, 5, 1, 9, grid=(1, 9)), "5 channels, 9 steps"),
    ],
)
def test_a_line_of_cells_is_a_sequence(qtbot: Any, layer: Tap, says: str) -> None:
    stack = LayerStack()
    qtbot.addWidget(stack)
    qtbot.addWidget(stack.tokens)
    shown = display(layer, values(*layer.shape[1:]), Session(), True)
    stack.show_display(shown, ())
    assert stack.currentWidget() is stack.sequence
    assert stack.sequence.accessibleDescription() == says
    assert (shown.prefix is not None) == bool(layer.prefix)


def test_a_clip_is_a_map_a_channel_and_a_single_step_a_vector(qtbot: Any) -> None:
    stack = LayerStack()
    qtbot.addWidget(stack)
    stack.show_display(display(tap(Layout.NCDHW, 5, 4, 3, 6, grid=(6, 12)), values(5, 4, 3, 6), Session(), True), ())
    assert stack.currentWidget() is stack.mosaic
    assert stack.mosaic.accessibleDescription().startswith("5 feature maps")
    stack.show_display(display(tap(Layout.NCT, 5, 1, grid=(1, 1)), values(5, 1), Session(), True), ())
    assert stack.currentWidget() is stack.vector

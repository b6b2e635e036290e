from __future__ import annotations

from collections.abc import Callable

import pytest
from hands import point, surface
from PySide6.QtCore import QPoint

from explorer.core.layer_graph import LayerGraph
from explorer.ui.graphics.layer_strip import LayerStrip, StripItem

# 0 -> 1 -> 2 -> 3, 0 -> 3 and 1 -> 4; nobody knows what feeds 5
GRAPH = LayerGraph(
    feeds=((), (0,), (1,), (0, 2), (1, 3), ()),
    fed=((1, 3), (2, 4), (3,), (4,), (), ()),
    known=(True, True, True, True, True, False),
    from_input=(True, False, False, False, False, False),
)


@pytest.fixture
def strip(show: Callable[..., LayerStrip]) -> LayerStrip:
    out = show(LayerStrip(arcs=True), 400, 120)
    out.set_items([StripItem(f"layer{at}") for at in range(6)])
    out.set_graph(GRAPH)
    return out


def centre(strip: LayerStrip, index: int) -> QPoint:
    return strip.view.on_screen(strip.view.place(index)).center().toPoint()


def framed(strip: LayerStrip, frame: str) -> int:
    """How many layers have a frame of that kind."""
    path = getattr(strip.view, frame).path()
    return int(path.elementCount()) // 5


def test_arcs_are_what_does_not_lead_to_the_next_layer() -> None:
    assert GRAPH.arcs == ((0, 3), (1, 4))
    assert GRAPH.linked(3)
    assert not GRAPH.linked(5)


def test_pointing_at_a_layer_frames_what_feeds_it_and_what_it_feeds(strip: LayerStrip) -> None:
    point(surface(strip), centre(strip, 3))
    assert (framed(strip, "_feeding"), framed(strip, "_fed")) == (2, 1)
    point(surface(strip), centre(strip, 0))
    assert (framed(strip, "_feeding"), framed(strip, "_fed")) == (0, 2)
    strip.view.point(None)
    assert (framed(strip, "_feeding"), framed(strip, "_fed")) == (0, 0)


def test_the_tool_tip_names_them(strip: LayerStrip) -> None:
    tips = [strip.view.tip_of(at).splitlines()[-2:] for at in range(6)]
    assert tips[0] == ["fed by: the input", "feeds: layer1, layer3"]
    assert tips[3] == ["fed by: layer0, layer2", "feeds: layer4"]
    assert tips[5] == ["fed by: not followed", "feeds: –"]


def test_arcs_are_painted_over_the_row_in_a_band_of_their_own(strip: LayerStrip) -> None:
    strip.set_current(5)  # of whose arcs there are none
    view = strip.view
    band = int(view.on_screen(view.place(0)).top())
    drawn = view.viewport().grab().toImage()

    def marks(graph: LayerGraph) -> set[str]:
        view.set_graph(graph)
        image = view.viewport().grab().toImage()
        return {image.pixelColor(x, y).name() for y in range(20, band - 4) for x in range(200)}

    assert drawn.height() > band + 20
    assert len(marks(GRAPH)) > 3  # antialiased lines
    assert len(marks(LayerGraph())) == 1  # nothing

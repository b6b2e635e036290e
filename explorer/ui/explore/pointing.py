"""Where the pointer is in Explore's panels, in one place for the pages."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.ui.explore.workspace import ExploreWorkspace
from explorer.ui.method_page.pointer import Pointer


def pointer_over(explore: ExploreWorkspace, parent: QObject) -> Pointer:
    """What is pointed at in the maps and on the input."""
    pointer, maps, picture = Pointer(parent), explore.maps, explore.input.picture
    maps.mosaic.hovered.connect(pointer.cell_of_channel)
    maps.features.places.hovered.connect(pointer.over_layer)
    maps.tokens.hovered.connect(pointer.token_of_channel)
    picture.hovered.connect(pointer.over_input)
    picture.selected.connect(pointer.input_chosen)
    for panel in (maps.mosaic, maps.features.places, maps.tokens, picture):
        panel.left.connect(pointer.left)
    return pointer

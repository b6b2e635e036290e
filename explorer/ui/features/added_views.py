"""Layer views that a package brings: asked of the worker, drawn on the picture."""

from __future__ import annotations

from explorer import catalogue
from explorer.core.layer_views import CellPicture, Sheet
from explorer.core.translation import tr
from explorer.engine.desk import Desk
from explorer.ui.features.layer_picture import LayerPicture
from explorer.ui.features.store import FeatureStore


def draw(picture: LayerPicture, store: FeatureStore, desk: Desk, slot: str, name: str, sheet: Sheet) -> None:
    """Draws the view of this name, or says that it is still to come, or why there is none."""
    spec = catalogue.layer_views.get(name)
    if spec is None:
        picture.nothing(tr("The view {name} is of a package that is not installed: choose another view.", name=name))
        return
    found = store.get(slot, (name, sheet.key), lambda key: desk.paint_view(spec, sheet, key))
    if isinstance(found, CellPicture):
        picture.draw_added(sheet, found, spec.about)
    else:
        picture.lack(sheet, found)

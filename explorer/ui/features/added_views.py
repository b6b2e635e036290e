"""Layer views that a package brings: asked of the worker, drawn on the picture."""

from __future__ import annotations

from explorer import catalogue
from explorer.core.errors import Failure
from explorer.core.geometry import affine
from explorer.core.layer_views import Sheet, box_of
from explorer.engine.desk import Desk
from explorer.ui.features.feature_panel import FeaturesPanel
from explorer.ui.features.store import FeatureStore
from explorer.ui.graphics.cells_on_image import Legend, text_of


def draw(panel: FeaturesPanel, store: FeatureStore, desk: Desk, slot: str, name: str, sheet: Sheet) -> None:
    """Draws the view of this name, or says that it is still to come, or why there is none."""
    spec = catalogue.layer_views.get(name)
    if spec is None:
        panel.say(f"The view {name} is of a package that is not installed: choose another view.")
        return
    found = store.get(slot, (name, sheet.key), lambda key: desk.paint_view(spec, sheet, key))
    if found is None:
        panel.wait(sheet.tap, sheet.tap)
    elif isinstance(found, Failure):
        panel.say(found.text)
    else:
        panel.places.set_picture(sheet.picture.shown, sheet.picture.size)
        box = box_of(found.places, affine.crop_box(sheet.picture.size, sheet.pre))
        panel.places.set_cells(found.rgb, box, Legend(), text_of)
        panel.tell(spec.about)

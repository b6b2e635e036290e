"""The figures of what Explore shows besides its method pages: maps or views of the layer, the channel, the input, the layers."""

from __future__ import annotations

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import ColourScale, FigureDescription, FigureFrame, TilesPart
from explorer.core.figure.figure_subject import caption_of, rgb_from
from explorer.core.figure.layer_figures import (
    channel_figure,
    file_name,
    layer_figure,
    picture_figure,
    prediction_figure,
)
from explorer.core.figure.panel_parts import resized
from explorer.core.layer_views import Shows
from explorer.core.render import colormaps
from explorer.core.session.display import thumbnail
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.controller import Controller


class ExploreFigures:
    """Each is None while there is nothing to draw."""

    def __init__(self, controller: Controller) -> None:
        self._c = controller

    def maps(self) -> FigureDescription | None:
        """All maps as they are shown, or the layer in one picture."""
        view, session = self._c.view, self._c.session
        if view.shown is None or view.card is None or view.capture is None:
            return None
        if session.shows is not Shows.MAPS:
            return self._picture()
        return layer_figure(view.shown, view.card, view.capture, session.channel)

    def _picture(self) -> FigureDescription | None:
        """Components, similarity or the view of a package, every cell a rectangle."""
        view, picture = self._c.view, self._c.features.picture
        places = picture.panel.places
        if places.rgb is None or places.stale or view.shown is None or view.card is None or view.capture is None:
            return None
        names = {Shows.COMPONENTS: tr("PCA colours"), Shows.SIMILARITY: tr("Similarity")}
        title = names.get(Shows(self._c.session.shows)) if self._c.session.shows in set(Shows) else None
        scale, values = None, None
        if picture.similarity is not None:
            values = picture.similarity.values
            scale = ColourScale(colormaps.table(theme.current().diverging), -1.0, 1.0, "cosine", by_theme=True)
        marks = [cell for cell in places.marks if cell is not None]
        frames = tuple(FigureFrame(cell[0], cell[1], 1, 1) for cell in marks)
        note = picture.panel.note.text()
        what = title or str(self._c.session.shows)
        return picture_figure(places.rgb, what, view.card, view.capture, view.shown, frames, scale, note, values)

    def channel(self) -> FigureDescription | None:
        """The selected channel large, beside the input."""
        view, session = self._c.view, self._c.session
        if view.shown is None or view.card is None or view.capture is None:
            return None
        channel = min(session.channel, max(len(view.shown.plain) - 1, 0))
        return channel_figure(view.shown, view.card, view.capture, channel, session.cell)

    def input(self) -> FigureDescription | None:
        """The input beside the prediction."""
        view = self._c.view
        if view.card is None or view.capture is None:
            return None
        return prediction_figure(view.card, view.capture)

    def layers(self) -> FigureDescription | None:
        """A small picture of every layer, in the order of execution."""
        view, session = self._c.view, self._c.session
        if view.card is None or view.capture is None:
            return None
        capture = view.capture
        taps = [tap for tap in view.pane.layers.taps if tap.name in capture.values]
        if not taps:
            return None
        light, dark = (
            _even([rgb_from(thumbnail(tap, capture.values[tap.name], session, on_dark)) for tap in taps])
            for on_dark in (False, True)
        )
        chosen = next((at for at, tap in enumerate(taps) if tap.name == session.tap), -1)
        names = tuple(tap.name for tap in taps)
        note = tr("The four liveliest maps of each layer, each on its own scale")
        part = TilesPart("", light, names, chosen=chosen, numbers=False, note=note, on_dark=dark)
        return FigureDescription(
            tr("Layers of {card}", card=view.card.name),
            ((part,),),
            caption_of(view.card, capture, None),
            file_name(view.card.name, "layers"),
        )


def _even(tiles: list[Array]) -> tuple[Array, ...]:
    """All in the size of the first."""
    return tuple(resized(tile, *tiles[0].shape[:2]) for tile in tiles)

"""The workspace Explore: the input, the maps, the selected channel, the layer strip."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from explorer.core.session.comparison import Comparison
from explorer.core.session.session import Session

from .part import Part, at


class Input(Part):
    """The picture, what the model makes of it, the numbers of the layer."""

    _panel = at("_window.explore.input")
    picture = at("_panel.picture")
    text = at("_panel.text")
    prediction = at("_panel.prediction")
    drawn = at("_panel.drawn")
    reading = at("_panel.reading")
    numbers = at("_panel.numbers")
    note = at("_panel.note")
    window_bar = at("_panel.window_bar")


class Maps(Part):
    """All channels of the layer; `front` is the way of showing them that is seen."""

    _panel = at("_window.explore.maps")
    mosaic = at("_panel.mosaic")
    vector = at("_panel.vector")
    sequence = at("_panel.sequence")
    tokens = at("_panel.tokens")
    subtitle = at("_panel.subtitle")
    count = at("_panel.count")
    shows = at("_panel.shows")
    sort = at("_panel.sort")
    colours = at("_panel.colours")

    @property
    def front(self) -> Any:
        return self._panel.stack.currentWidget()


class Features(Part):
    """All channels of the layer in one picture: components and similarity."""

    _panel = at("_window.explore.maps.features")
    places = at("_panel.places")
    note = at("_panel.note")
    colouring = at("_panel.colouring")
    foreground = at("_panel.foreground")
    painted = at("_controller.features.painted")
    similarity = at("_controller.features.picture.similarity")
    waiting = at("_controller.store.waiting")


class Channel(Part):
    """The selected map, and the pages of the methods beneath it."""

    area = at("_window.explore.channel")
    help = at("_window.explore.channel.help")
    map = at("area.map")
    curve = at("area.curve")
    reading = at("area.reading")
    histogram = at("area.histogram")
    kernels = at("area.kernel.grid")
    flags = at("area.flags")
    tabs = at("area.tabs")
    menu = at("area.menu")
    panel = at("area.panel")
    pages = at("area.pages")
    page = at("area.page")
    names = at("area.names")  # of the pages, in the order of their tabs
    scroll_to = at("area.area.ensureWidgetVisible")


class Strip(Part):
    """The layers in their order, as small pictures; `bar` is the widget, `play` the button that walks through them."""

    bar = at("_window.explore.strip.strip")
    play = at("_window.explore.strip.play")
    connections = at("_controller.connections")
    taps = at("_controller.view.layers.taps")
    tap = at("_controller.view.layers.name")

    @property
    def count(self) -> int:
        return len(self.taps)

    def hurry(self) -> None:
        """Walks from layer to layer without a pause."""
        self._controller.film._timer.setInterval(1)

    def stop(self) -> None:
        self.play.setChecked(False)


class Explore(Part):
    """The workspace; `shown_card` is the model of the maps, also while another one is being opened."""

    widget = at("_window.explore")

    @property
    def document(self) -> Session:
        """The session, but for the columns of Compare and which workspace is in front."""
        return replace(self._controller.session, comparison=Comparison(), workspace="")

    view = at("_controller.view")
    shown_card = at("_controller.view.card")
    kernels = at("_controller.view.kernels")
    whole = at("_controller.view.whole")  # whether all followed the last capture, or of a live frame the maps alone
    busy = at("_controller.view.busy")
    point_at = at("_controller.view.point_at")
    point_at_input = at("_controller.view.point_at_input")
    point_away = at("_controller.view.point_away")

    numbers = at("_window.explore.input.numbers")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.input, self.maps, self.features = Input(app), Maps(app), Features(app)
        self.channel, self.strip = Channel(app), Strip(app)

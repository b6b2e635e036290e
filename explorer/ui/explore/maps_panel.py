"""Centre: all maps of the current tap, with how they are sorted, scaled and coloured."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.channel_scores import ScoredBy
from explorer.core.layer_views import Shows, view_named
from explorer.core.render import ScaleMode, SortKey, colormaps
from explorer.core.session.display import Display
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.features.feature_panel import ExploreFeaturesPanel
from explorer.ui.features.words import offered, view_tip
from explorer.ui.graphics.layer_stack import LayerStack
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.frames import Frame, HeadLine, Steady
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.wrapping import WrapLayout

_SCALE_TIP = tr("Colour range. Per map: the bar at the foot of a map is its largest value beside that of the layer")
_AUTOMATIC = tr("by sign")
_SORTS = tuple(key for key in SortKey if key is not SortKey.MEASURED)  # what can be told from the maps alone


class MapsPanel(Frame):
    """`changed` carries a dict of session fields; `channel_moved` the channel the slider asks for."""

    changed = Signal(object)
    order_asked = Signal(object)  # a ScoredBy: the maps in the order of what a class gains from each
    channel_moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.head = HeadLine(2 * theme.current().space)
        self.title, self.subtitle = self.head.title, self.head.subtitle
        self.shows = choice(tr("View"), view_tip("explore"), offered("explore"))
        self.sort = choice(tr("Sort"), tr("Order of the maps"), [*_sorts(), *_orders()], 160)
        self.sort.view().setMinimumWidth(260)  # names of classes are longer than the box
        self.scale = choice(
            tr("Scale"), _SCALE_TIP, [(tr("Scale  {scale}", scale=tr(m.value)), m) for m in ScaleMode], 146
        )
        names = [(name.capitalize(), name) for name in (*colormaps.SEQUENTIAL, *colormaps.DIVERGING)]
        self.colours = choice(
            tr("Colours"),
            tr("Colour map in use. Signed values take a diverging one centred at zero, others a sequential one"),
            list(names),
            160,
        )
        self.low, self.high, self.percentile = _number(-1e6, 1e6, 0.0), _number(-1e6, 1e6, 1.0), _number(50, 100, 99)
        self.percentile.setSuffix(" %")
        self.low.setToolTip(tr("Value of the first colour"))
        self.high.setToolTip(tr("Value of the last colour"))
        self.percentile.setToolTip(tr("Clip at percentile"))
        self.fit = QToolButton()
        self.fit.setText(tr("Fit"))
        self.fit.setToolTip(tr("Show all maps  ( 0 ).  Zoom: Ctrl + wheel or + and −.  Pan: drag"))
        self.stack = views = LayerStack()
        self.mosaic, self.vector, self.sequence, self.tokens = views.mosaic, views.vector, views.sequence, views.tokens
        self.tokens.setToolTip(tr("Click a token's value of a channel to select it as the cell"))
        self.features = ExploreFeaturesPanel()
        self.pages = QStackedWidget()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setLayoutDirection(
            Qt.LayoutDirection.LeftToRight
        )  # as the channels of the mosaic, in every language
        self.slider.setAccessibleName(tr("Channel"))
        self.slider.setToolTip(tr("Selected channel  ( ← → in the maps )"))
        self.count = QLabel()
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._shown: tuple[object, ...] = ()
        self._chosen = ""  # colour map
        self._sort = SortKey.INDEX
        self._build()
        self._connect()
        self.show_session(Session())

    def _build(self) -> None:
        space = theme.current().space
        tools = WrapLayout(theme.current().tight, last_right=True)
        for widget in (self.shows, self.sort, self.scale, self.low, self.high, self.percentile, self.colours, self.fit):
            tools.addWidget(widget)
        maps, foot = QWidget(), QHBoxLayout()
        column = QVBoxLayout(maps)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space)
        foot.addWidget(self.slider, 1)
        foot.addWidget(Steady(self.count, 150))
        self.body.addWidget(self.head)
        nest(self.body, tools)
        column.addWidget(self.stack, 1)
        column.addWidget(self.tokens)
        nest(column, foot)
        for page in (maps, self.features):
            self.pages.addWidget(page)
        self.body.addWidget(self.pages, 1)

    def _connect(self) -> None:
        on_choice(self.shows, partial(self._tell, "shows"), view_named)
        on_choice(self.sort, self._choose_sort)
        on_choice(self.scale, partial(self._tell, "scale"), ScaleMode)
        on_choice(self.colours, partial(self._tell, "colormap"))
        self.low.valueChanged.connect(self._limits)
        self.high.valueChanged.connect(self._limits)
        self.percentile.valueChanged.connect(partial(self._tell, "percentile"))
        self.slider.valueChanged.connect(self.channel_moved)
        self.fit.clicked.connect(self.mosaic.fit)

    def _tell(self, name: str, value: object) -> None:
        """A field of the session was chosen."""
        self.changed.emit({name: value})

    def _choose_sort(self, value: str) -> None:
        if value in tuple(ScoredBy):
            self.sort.setCurrentIndex(max(self.sort.findData(self._sort), 0))  # until the order is there
            self.order_asked.emit(ScoredBy(value))
        else:
            self._tell("sort", SortKey(value))

    def offer_orders(self, name: str, why_not: str) -> None:
        """What the channels can be ordered by for the class of this name; `why_not`: why they cannot."""
        titles = {
            ScoredBy.EFFECT: tr("effect on {name}", name=name or tr("a class")),
            ScoredBy.GRADIENT: tr(ScoredBy.GRADIENT.value),
        }
        tips = {
            ScoredBy.EFFECT: tr(
                "Fall of the logit of {name} when the channel is zero: one forward a channel", name=name
            ),
            ScoredBy.GRADIENT: tr("The same to first order, from one backward pass of {name}", name=name),
        }
        model = self.sort.model()
        for by, title in titles.items():
            at = self.sort.findData(by.value)
            self.sort.setItemText(at, tr("Sort  {title}", title=title))
            self.sort.setItemData(at, why_not or tips[by], Qt.ItemDataRole.ToolTipRole)
            model.item(at).setEnabled(not why_not)  # type: ignore[attr-defined]  # a combo box has a standard model

    def _limits(self) -> None:
        self.changed.emit({"fixed": (self.low.value(), self.high.value())})

    def show_session(self, session: Session) -> None:
        """The controls as the session says; emits nothing."""
        wanted = _said(session)
        if wanted == self._shown:  # as in most steps through the layers
            return
        self._shown, self._chosen, self._sort = wanted, session.colormap, session.sort
        self._offer_measured(session)
        for box, value in ((self.sort, session.sort), (self.scale, session.scale), (self.colours, session.colormap)):
            box.setCurrentIndex(max(box.findData(value), 0))
        fields = ((self.low, session.fixed[0]), (self.high, session.fixed[1]), (self.percentile, session.percentile))
        for field, number in fields:
            field.blockSignals(True)
            field.setValue(number)
            field.blockSignals(False)
        self.shows.setCurrentIndex(self.shows.findData(session.shows))
        self.features.show_session(session)
        maps = session.shows is Shows.MAPS
        self._turn(maps)
        for control in (self.sort, self.scale, self.colours, self.fit):
            control.setVisible(maps)
        self.low.setVisible(maps and session.scale is ScaleMode.FIXED)
        self.high.setVisible(maps and session.scale is ScaleMode.FIXED)
        self.percentile.setVisible(maps and session.scale is ScaleMode.PERCENTILE)

    def _turn(self, maps: bool) -> None:
        """The page of maps, or that of all channels in one picture; the keys go along."""
        focused = self.mosaic.hasFocus() or self.features.places.hasFocus()
        self.pages.setCurrentIndex(0 if maps else 1)
        if focused:
            (self.mosaic if maps else self.features.places).setFocus()

    def _offer_measured(self, session: Session) -> None:
        """A measured order is one more choice, on its own layer; choosing any other is the way back."""
        at, order = self.sort.findData(SortKey.MEASURED), session.measured
        if at >= 0:
            self.sort.removeItem(at)
        if order is not None:
            self.sort.addItem(tr("Sort  {by}", by=order.by), SortKey.MEASURED)
            self.sort.setItemData(self.sort.count() - 1, tr("As measured"), Qt.ItemDataRole.ToolTipRole)

    def show_controls(self, shown: Display) -> None:
        """What can be chosen for the maps, vector or sequence that is drawn."""
        for control in (self.sort, self.fit):
            control.setEnabled(shown.maps is not None)
        for control in (self.scale, self.colours):
            control.setEnabled(shown.vector is None)
        # what is seen, which for signed values need not be what was chosen
        self._show_colours(self._chosen if shown.vector is not None else shown.colormap)

    def _show_colours(self, colormap: str) -> None:
        if colormap != self.colours.currentData():
            self.colours.setCurrentIndex(self.colours.findData(colormap))

    def show_channel(self, channel: int, channels: int) -> None:
        """The number of the selected channel, of so many."""
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(channels - 1, 0))
        self.slider.setValue(channel)
        self.slider.blockSignals(False)
        self.slider.setEnabled(channels > 1)
        self.count.setText(tr("channel {channel} (0–{channels})", channel=channel, channels=max(channels - 1, 0)))


def _sorts() -> list[tuple[str, object]]:
    return [(tr("Sort  {order}", order=tr(key.value)), key) for key in _SORTS]


def _orders() -> list[tuple[str, object]]:
    return [(tr("Sort  {order}", order=tr(by.value)), by.value) for by in ScoredBy]


def _said(session: Session) -> tuple[object, ...]:
    """What of a session the controls show."""
    order = (session.sort, session.measured)
    colours = (session.scale, session.colormap, session.fixed, session.percentile)
    return *order, *colours, session.shows, session.colouring, session.foreground


def _number(low: float, high: float, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(3 if high > 100 else 1)
    box.setSingleStep(0.1 if high > 100 else 0.5)
    box.setValue(value)
    box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    text_size.hold(box, "setMaximumWidth", 84)
    box.setKeyboardTracking(False)
    return box

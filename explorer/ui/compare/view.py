"""A column of the document + its capture -> a column panel. Knows nothing of the engine nor of the other columns."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.geometry import affine, picture_points
from explorer.core.inputs import Picture
from explorer.core.interventions import Edits, digest_of
from explorer.core.layer_views import Sheet, Shows
from explorer.core.models import ModelCard
from explorer.core.session import layer_links
from explorer.core.session.comparison import Column, Link
from explorer.core.session.difference import Difference
from explorer.core.session.display import Display, display, thumbnail
from explorer.core.session.resolve import first_tap, relative_depth, strip_taps
from explorer.core.session.session import Order, Session
from explorer.ui import theme
from explorer.ui.compare.column import LINKED, ColumnPanel
from explorer.ui.explore import present
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

_TURN = 2  # ms of thumbnails between two turns of the event loop; at least one is drawn
_NUMBERS = ("range", "sparsity", "stride · field")  # of Explore's rows


class ColumnView(QObject):
    """What a column holds: its model, its picture, the last capture of both; `shown` is what is drawn of it."""

    def __init__(self, key: int) -> None:
        self.panel = ColumnPanel()
        super().__init__(self.panel)
        self.key = key
        self.card: ModelCard | None = None
        self.picture: Picture | None = None
        self.edits: Edits = ()  # what is to be replaced in the model
        self.capture: Capture | None = None
        # the model of the capture and its edits, while `card` may be one that has shown nothing yet
        self.of: ModelCard | None = None
        self.of_edits: Edits = ()
        self.partial = False  # a live frame, of which only the layers on the screen are there
        self._pictured: Capture | None = None  # with all layers: what the film shows
        self.shown: Display | None = None
        self.plain: Display | None = None  # the same with the layer's own values
        self.status = ""  # what is going on, while what is shown is not what was asked for
        self.film: tuple[Tap, ...] = ()
        self.strides: layer_links.Strides = ()
        self.routes: dict[int, tuple[int, ...]] = {}  # by column: where the CKA path leads from each place of this film
        self.order: Order | None = None  # of the channels, beside those of another column
        self.across = 0  # maps in a row, likewise; 0: as many as fit best
        self._places: dict[str, int] = {}
        self.letter = "A"
        self._wanted: list[int] = []
        self._drawer = QTimer(self)
        self._drawer.setInterval(0)
        self._drawer.timeout.connect(self._draw_some)

    def stop(self) -> None:
        """No more pictures for the film: the column or the window goes."""
        self._drawer.stop()

    @property
    def busy(self) -> bool:
        """Whether pictures of the film are still to follow."""
        return self._drawer.isActive()

    @property
    def fits(self) -> bool:
        """Whether the capture is of this very model, picture and edits, with all layers."""
        return (
            self.card is not None
            and self.picture is not None
            and self.capture is not None
            and (self.capture.model, self.capture.picture.digest) == (self.card.digest, self.picture.digest)
            and self.capture.edits == digest_of(self.edits)
            and not self.partial
        )

    def takes_frames(self, column: Column) -> bool:
        """Whether it takes the frames of a live input: that of a column that follows it, once it has shown anything."""
        return column.input is None and not column.frozen and self.capture is not None and bool(self.film)

    # --- what there is ---

    def show_source(self, letter: str, column: Column) -> None:
        """Who it is, on the buttons of its head."""
        self.letter = letter
        card, picture = self.card, self.picture
        # a person's own file does not say whether what it made has learnt anything
        told = card is None or card.weights.trained or card.weights.seed is None or "untrained" in card.name
        # two columns of one architecture differ by their files
        state = f"  · {Path(card.spec.weights).stem}" if card is not None and card.spec.weights else ""
        state = state if told else "  · untrained"
        wanted = column.model.id if column.model is not None else "choose a model"
        model = f"{letter}  {card.name}{state}" if card is not None else f"{letter}  {wanted}"
        given = (picture.name if picture is not None else column.input.path) if column.input is not None else "shared"
        self.panel.show_source(model, present.model_tip(card) if card is not None else "", given)

    def set_capture(self, capture: Capture) -> None:
        """Another capture; the film is kept where its layers are the same."""
        assert self.card is not None
        self.of, self.of_edits, self.status = self.card, self.edits, ""
        self._set_values(capture, True)

    def set_frame(self, capture: Capture, whole: bool, everything: bool) -> None:
        """A live frame of the model that is shown, with all its layers (`whole`) or those on the screen; of `everything`
        that is said about it, or of its picture alone."""
        self.picture = capture.picture
        if everything:
            self._set_values(capture, whole)
        else:
            self.capture, self.partial = capture, True
            self.panel.picture.set_picture(capture.picture.shown, capture.picture.name, capture.picture.size)

    def _set_values(self, capture: Capture, whole: bool) -> None:
        assert self.of is not None
        self.capture, self.partial = capture, not whole
        panel, size = self.panel, capture.picture.size
        panel.show_picture(capture.picture, affine.crop_box(size, self.of.preprocess))
        another = capture.repeat is not None and not capture.repeat.same
        panel.note.setText(present.seen_line(self.of, capture) + f"\n{present.ANOTHER}" * another)
        notes = present.prediction_notes(capture, reading=True)
        panel.prediction.set_guesses(capture.prediction, self.of.by_chance, bool(self.of.labels), notes)
        film = strip_taps(capture.taps, blocks=False)
        if film != self.film:
            panel.strip.set_items(present.strip_items(capture, Session()), 0)
        self.film = film
        own = {tap.name: at for at, tap in enumerate(film)}
        self._places = {tap.name: own[tap.alias] for tap in capture.taps if tap.alias in own} | own
        self.strides = layer_links.strides(film, affine.input_affine(size, self.of.preprocess))
        if whole:
            self._pictured = capture
            self.redraw_film()

    def redraw_film(self) -> None:
        """The pictures of the film, nearest to the current one first."""
        if self._pictured is None:
            return
        here = self.panel.strip.current
        held = [i for i, tap in enumerate(self.film) if tap.name in self._pictured.values]
        self._wanted = sorted(held, key=lambda i: -abs(i - here))
        self._drawer.start()

    def _draw_some(self) -> None:
        turn = QElapsedTimer()
        turn.start()
        while self._wanted and self._pictured is not None:
            index = self._wanted.pop()
            tap = self.film[index]
            picture = thumbnail(tap, self._pictured.values[tap.name], Session(), theme.current().dark)
            self.panel.strip.update_image(index, picture)
            if turn.hasExpired(_TURN):
                return
        self._drawer.stop()

    def start_tap(self) -> str:
        """The layer to begin with, one of the film."""
        return first_tap(self.film)

    def index(self, tap: str) -> int:
        """Where a tap is in the film, a container at the child whose values it shares; 0 for one that it does not have."""
        return self._places.get(tap, 0)

    def holds(self, tap: str) -> bool:
        """Whether it is in the film, or a child whose values it shares."""
        return tap in self._places

    # --- showing ---

    def resolve(self, column: Column, mode: render.ScaleMode) -> Display | None:
        """What is to be drawn of a column; None where there are no values."""
        tap = self.tap(column)
        values = self.capture.values.get(tap.name) if self.capture is not None and tap is not None else None
        if tap is None or values is None or not values.size:
            return None
        session = Session(
            scale=mode, sort=render.SortKey.MEASURED, order=self.order
        )  # by index where there is no order
        return display(tap, values, session, theme.current().dark)

    def sheet(self, column: Column) -> Sheet | None:
        """What a column's layer is painted from; None where there are no values."""
        tap = self.tap(column)
        values = self.capture.values.get(tap.name) if self.capture is not None and tap is not None else None
        if self.capture is None or self.of is None or tap is None or values is None or not values.size:
            return None
        return Sheet(self.capture, tap.name, self.of.preprocess)

    def tap(self, column: Column) -> Tap | None:
        """The layer that a column shows."""
        return self.film[self.index(column.tap)] if self.film else None

    def show(self, column: Column, shown: Display | None, less: Difference | None, link: Link) -> None:
        """Draws what was resolved; `less` where the first column was taken away, and what is shown is what was left."""
        self.shown = shown
        panel = self.panel
        self._show_buttons(column, link)
        if self.capture is None or not self.film:
            if self.picture is not None:
                panel.picture.set_picture(self.picture.shown, self.picture.name, self.picture.size)
            panel.show_message(self.status or "Choose a model for this column.")
            panel.show_view(column.shows)
            return
        tap = self.film[self.index(column.tap)]
        self.plain = shown.of if shown is not None and shown.of is not None else shown
        panel.strip.set_current(self.index(column.tap))
        panel.title.set_text(tap.name)
        maps = column.shows is Shows.MAPS
        panel.subtitle.set_text(self._subtitle(tap, shown if maps else None, less if maps else None))
        if shown is None:
            panel.show_message("Computing this layer …" if tap.nbytes else "This layer returned no values.")
        else:
            panel.stack.show_display(shown, self.of.labels if self.of is not None and less is None else (), self.across)
            self.show_channel(column)
        panel.show_view(column.shows)

    def show_frame(self, column: Column, shown: Display | None, less: Difference | None) -> None:
        """The maps of a live frame."""
        if shown is None:
            return
        self.shown = shown
        self.plain = shown.of if shown is not None and shown.of is not None else shown
        panel = self.panel
        panel.stack.show_display(shown, self.of.labels if self.of is not None and less is None else (), self.across)
        panel.show_view(column.shows)
        if shown.maps is not None and shown.limits is not None:
            channel = min(column.channel, len(shown.maps) - 1)
            panel.channel.set_map(
                shown.maps[channel], render.pick(shown.limits, channel), shown.colormap, unit=_unit(shown)
            )

    def show_channel(self, column: Column) -> None:
        """Marks the selected channel, and shows it large where there is room."""
        if self.shown is None:
            return
        shown, panel = self.shown, self.panel
        channel = min(column.channel, max(len(shown.plain) - 1, 0))
        panel.mosaic.set_selected(channel)
        panel.vector.set_selected(channel)
        panel.tokens.set_channel(channel)
        if shown.maps is not None and shown.limits is not None:
            panel.channel.set_map(
                shown.maps[channel], render.pick(shown.limits, channel), shown.colormap, unit=_unit(shown)
            )
        else:
            panel.channel.clear(
                "No spatial map (vector output)" if shown.vector is not None else "No spatial map (sequence output)"
            )

    def show_share(self, values: Array, limits: render.Limits) -> None:
        """The selected channel as shares of its whole instead, wherever there is room for it."""
        self.panel.channel.set_map(values, limits, "magma", unit=" %", note="% of Σ|value|")

    def _show_buttons(self, column: Column, link: Link) -> None:
        panel = self.panel
        offset = f" {column.offset:+d}".replace("-", "−") if column.offset else ""
        astray = link is Link.PATH and not self.routes
        panel.lock.setText("Needs CKA" if astray else f"Linked{offset}")
        panel.lock.setToolTip(_ASTRAY if astray else LINKED)
        panel.lock.setVisible(link is not Link.NONE)
        for button, on in (
            (panel.lock, column.locked),
            (panel.freeze, column.frozen),
            (panel.minus_button, column.minus),
        ):
            button.setChecked(on)

    def _subtitle(self, tap: Tap, shown: Display | None, less: Difference | None) -> str:
        parts = [self.status, present.headline(tap), present.when(tap)]
        if less is not None:
            share = f", {text.percent(less.share)} of A's" if less.share == less.share else ""
            parts[1] = f"RMS {text.number(less.rms)}{share}"
        if self.capture is not None and self.capture.edits:
            parts.insert(2, "edited")
        if shown is not None and shown.limits is not None and len(shown.limits.lo) == 1:
            lo, hi = shown.limits.of(0)
            parts.append(f"colours {text.number(lo)} … {text.number(hi)}{_unit(shown)}")
        return "  ·  ".join(part for part in parts if part)

    def follow(self, like_first: float | None) -> None:
        """The numbers, when the hand rests; `like_first` is the rank correlation with the first column."""
        if self.capture is None or self.shown is None:
            return
        told = self.shown.of if self.shown.of is not None and self.shown.unit else self.shown  # z-scores are a scale
        tap, numbers = told.tap, render.layer_numbers(told.plain)
        depth = f"{relative_depth(self.film, tap.name):.2f}"
        rows = [row for row in present.layer_rows(tap, numbers) if row.label in _NUMBERS]
        rows.insert(0, Row("relative depth", depth, "0 at the first layer, 1 at the last"))
        if like_first is not None:
            value = text.number(like_first) if like_first == like_first else "–"
            rows.append(Row("rank corr. A", value, _LIKE))
        self.panel.numbers.set_rows(rows)

    # --- pointing ---

    def point(self, cursor: tuple[float, float] | None) -> None:
        """Marks the cell at a point of the picture, given as shares of it, and what that cell sees."""
        if self.capture is None or self.of is None:
            return
        found, tap = None, self.shown.tap if self.shown is not None else None
        if cursor is not None:
            height, width = self.capture.picture.size
            at = cursor[0] * height, cursor[1] * width
            found = picture_points.point_at(tap, (height, width), self.of.preprocess, at)
        cell = found.cell if found is not None and self.shown is not None and self.shown.maps is not None else None
        self.panel.mosaic.set_pointed(cell)
        self.panel.channel.set_hover(cell)
        # where attention lies over the picture, it frames what asks itself
        field = (
            found.field if found is not None and self.panel.pages.currentWidget() is not self.panel.attention else None
        )
        self.panel.picture.set_field(field, found is not None and found.exact)
        self.panel.note.setText(self._say(found, cell))

    def _say(self, found: picture_points.Pointed | None, cell: tuple[int, int] | None) -> str:
        assert self.of is not None
        assert self.capture is not None
        if found is None:
            return present.seen_line(self.of, self.capture)
        if not found.seen:
            return "not seen by this model"
        return f"cell ({cell[0]}, {cell[1]})" if cell is not None else "no spatial map in this layer"

    def place_of(self, y: int, x: int) -> tuple[float, float] | None:
        """The point of the picture that a cell of the layer stands over, as shares of it."""
        if self.shown is None or self.capture is None or self.of is None:
            return None
        height, width = self.capture.picture.size
        middle = picture_points.middle_of(self.shown.tap, (height, width), self.of.preprocess, (y, x))
        return None if middle is None else (middle[0] / height, middle[1] / width)


_ASTRAY = "The link by CKA path needs the CKA matrix of this column's model and another: press Start in the panel Layer similarity"
_LIKE = (
    "Spearman's rank correlation of the mean absolute activation at each cell with that of A, each normalised to sum 1, over the pixels "
    "that both models see"
)


def _unit(shown: Display) -> str:
    """What stands behind the numbers of what is shown."""
    return f" {shown.unit}" if shown.unit else ""

"""A column of the document + its capture -> a column panel. Knows nothing of the engine nor of the other columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input, kind_of_input
from explorer.core.arrays import Array
from explorer.core.geometry import affine, picture_points
from explorer.core.inputs import Text
from explorer.core.interventions import Edits, digest_of
from explorer.core.layer_views import Shows
from explorer.core.linked_places import token_at
from explorer.core.models import ModelCard, takes
from explorer.core.representations import Strides
from explorer.core.seen_input import Seen, seen_of
from explorer.core.session import layer_links
from explorer.core.session.comparison import Column, Link
from explorer.core.session.difference import Difference
from explorer.core.session.display import Display
from explorer.core.session.resolve import relative_depth
from explorer.core.session.session import Order, Session
from explorer.core.translation import tr
from explorer.ui.compare.column import LINKED, ColumnPanel
from explorer.ui.model_pane import present
from explorer.ui.model_pane.model_pane import ModelPane, PaneWidgets, unit_of
from explorer.ui.model_pane.output_overlay import OutputOverlay
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

_NUMBERS = (tr("range"), tr("sparsity"), tr("stride · field"))  # of Explore's rows


class ColumnView(QObject):
    """What is wanted of a column, its model, picture and edits; its pane holds the last capture of all three."""

    def __init__(self, key: int) -> None:
        self.panel = panel = ColumnPanel()
        super().__init__(panel)
        self.key = key
        widgets = PaneWidgets(
            panel.picture,
            panel.prediction,
            panel.show_head,
            panel.stack,
            panel.channel,
            panel.strip,
            panel.text,
            OutputOverlay(panel.picture, panel.prediction),
        )
        self.pane = ModelPane(widgets, reading=True)
        self.layers = self.pane.layers
        self.card: ModelCard | None = None
        self.picture: Input | None = None
        self.edits: Edits = ()  # what is to be replaced in the model
        self.of_edits: Edits = ()  # those of the capture
        self.partial = False  # a live frame, of which only the layers on the screen are there
        self.status = ""  # what is going on, while what is shown is not what was asked for
        self.strides: Strides = ()
        self.routes: dict[int, tuple[int, ...]] = {}  # by column: where the CKA path leads from each place of this film
        self.order: Order | None = None  # of the channels, beside those of another column
        self.across = 0  # maps in a row, likewise; 0: as many as fit best
        self.letter = "A"
        self._word = ""  # that is pointed at

    @property
    def unfit(self) -> str:
        """Why the model cannot be shown on the input of the column; "" where it can."""
        if self.card is None or self.picture is None or takes(self.card.preprocess, self.picture):
            return ""
        return tr(
            "{card} takes no {kind_of_input}. {says}",
            card=self.card.name,
            kind_of_input=kind_of_input(self.picture),
            says=self.card.preprocess.says,
        )

    @property
    def seen(self) -> Seen | None:
        """The input of the capture, and how its model takes it."""
        return seen_of(self.capture, self.of.preprocess) if self.capture is not None and self.of is not None else None

    def forget(self, why: str) -> None:
        """What is shown is not of the model and the input that are wanted: it goes."""
        self.status, self.strides, self.of_edits = why, (), ()
        self.pane.forget()
        self.panel.say("")
        self.panel.numbers.set_rows([])

    @property
    def of(self) -> ModelCard | None:
        """The model of the capture, while `card` may be one that has shown nothing yet."""
        return self.pane.card

    @property
    def capture(self) -> Capture | None:
        """What is there of it."""
        return self.pane.capture

    @property
    def shown(self) -> Display | None:
        """What is drawn of the layer."""
        return self.pane.shown

    @property
    def film(self) -> tuple[Tap, ...]:
        """The layers of the strip."""
        return self.layers.taps

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

    def source_name(self, column: Column) -> str:
        """The model of a column, with the file or the state that tells it from others of its architecture."""
        card = self.card
        if card is None:
            return column.model.id if column.model is not None else tr("choose a model")
        # a person's own file does not say whether what it made has learnt anything
        told = card.weights.trained or card.weights.seed is None or "untrained" in card.name
        # two columns of one architecture differ by their files
        state = f"  · {Path(card.spec.weights).stem}" if card.spec.weights else ""
        return card.name + (state if told else tr("  · untrained"))

    def show_source(self, column: Column, brief: str = "") -> None:
        """Who it is, on the buttons of its head; `brief`: the name without what those of all columns share."""
        card, picture, name = self.card, self.picture, self.source_name(column)
        given = (
            (picture.name if picture is not None else column.input.path) if column.input is not None else tr("shared")
        )
        model_tip = present.model_tip(card) if card is not None else ""
        short = f"{self.letter}  {brief}" if brief and brief != name else ""
        self.panel.show_source(f"{self.letter}  {name}", model_tip, given, short, column.input is None)

    def set_capture(self, capture: Capture) -> None:
        """Another capture of what is wanted."""
        assert self.card is not None
        self.of_edits, self.status = self.edits, ""
        self._set_values(self.card, capture, True)

    def set_frame(self, capture: Capture, whole: bool, everything: bool) -> None:
        """A live frame of the model that is shown, with all its layers (`whole`) or those on the screen; of `everything`
        that is said about it, or of its picture alone."""
        self.picture = capture.picture
        if everything:
            assert self.of is not None
            self._set_values(self.of, capture, whole)
        else:
            self.partial = True
            self.pane.set_frame(capture)

    def _set_values(self, card: ModelCard, capture: Capture, whole: bool) -> None:
        self.partial = not whole
        self.pane.set_capture(card, capture, Session(), whole)
        self.panel.fit()
        another = capture.repeat is not None and not capture.repeat.same
        self.panel.say(present.seen_line(card, capture) + f"\n{present.ANOTHER}" * another)
        self.strides = layer_links.strides(self.film, affine.input_affine(capture.picture.size, card.preprocess))

    # --- showing ---

    def resolve(self, column: Column, mode: render.ScaleMode) -> Display | None:
        """What is to be drawn of a column; None where there are no values."""
        # by index where there is no order
        session = Session(scale=mode, sort=render.SortKey.MEASURED, order=self.order)
        return self.pane.display(self.tap(column), session)

    def tap(self, column: Column) -> Tap | None:
        """The layer that a column shows."""
        return self.film[self.layers.index(column.tap)] if self.film else None

    def show(self, column: Column, shown: Display | None, less: Difference | None, link: Link) -> None:
        """Draws what was resolved; `less` where the first column was taken away, and what is shown is what was left."""
        self._show_buttons(column, link)
        tap = self.tap(column)
        if self.capture is None or tap is None:
            if self.picture is not None:
                self.pane.show_picture(self.picture)
            self.pane.show_message("", "", self.status or tr("Choose a model for this column."), "")
            self.panel.show_view(column.shows)
            return
        self.layers.go_to(column.tap)
        maps = column.shows is Shows.MAPS
        subtitle = self._subtitle(tap, shown if maps else None, less if maps else None)
        if shown is None:
            words = tr("Computing this layer …") if tap.nbytes else tr("This layer returned no values.")
            self.pane.show_message(tap.name, subtitle, words, "")
        else:
            self.pane.show(shown, tap.name, subtitle, self.pane.labels if less is None else (), self.across)
            self._mark(column)
        self.panel.show_view(column.shows)

    def show_frame(self, column: Column, shown: Display | None) -> None:
        """The maps of a live frame."""
        if shown is not None:
            self.pane.show_frame(shown, column.channel)
            self.panel.show_view(column.shows)

    def show_channel(self, column: Column) -> None:
        """The selected channel: marked, and in detail."""
        if self.shown is not None:
            self._mark(column)
            self.details(column)

    def _mark(self, column: Column) -> None:
        if self.shown is not None:
            self.pane.mark(min(column.channel, max(len(self.shown.plain) - 1, 0)))

    def details(self, column: Column) -> None:
        """The selected channel, large where there is room."""
        shown = self.shown
        if shown is not None and not self.pane.show_map(column.channel):
            kind = "vector" if shown.vector is not None else "sequence"
            self.panel.channel.clear(tr("No spatial map ({kind} output)", kind=kind))

    def show_share(self, values: Array, limits: render.Limits) -> None:
        """The selected channel as shares of its whole instead, wherever there is room for it."""
        self.panel.channel.set_map(values, limits, "magma", unit=" %", note=tr("% of Σ|value|"))

    def _show_buttons(self, column: Column, link: Link) -> None:
        panel = self.panel
        offset = f" {column.offset:+d}".replace("-", "−") if column.offset else ""
        astray = link is Link.PATH and not self.routes
        panel.show_lock(
            tr("Needs CKA") if astray else tr("Linked{offset}", offset=offset),
            tr("Needs CKA") if astray else tr("Link{offset}", offset=offset),
        )
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
            share = tr(", {share} of A's", share=text.percent(less.share)) if less.share == less.share else ""
            parts[1] = tr("RMS {rms}{share}", rms=text.number(less.rms), share=share)
        if self.capture is not None and self.capture.edits:
            parts.insert(2, tr("edited"))
        if shown is not None and shown.limits is not None and len(shown.limits.lo) == 1:
            lo, hi = shown.limits.of(0)
            parts.append(
                tr("colours {lo} … {hi}{unit_of}", lo=text.number(lo), hi=text.number(hi), unit_of=unit_of(shown))
            )
        return "  ·  ".join(part for part in parts if part)

    def follow(self, like_first: float | None) -> None:
        """The numbers, when the hand rests; `like_first` is the rank correlation with the first column."""
        if self.capture is None or self.shown is None:
            return
        told = self.shown.of if self.shown.of is not None and self.shown.unit else self.shown  # z-scores are a scale
        tap, numbers = told.tap, render.layer_numbers(told.plain)
        depth = f"{relative_depth(self.film, tap.name):.2f}"
        rows = [
            row
            for row in present.layer_rows(tap, numbers, self.of.preprocess.UNIT if self.of is not None else "px")
            if row.label in _NUMBERS
        ]
        rows.insert(0, Row(tr("relative depth"), depth, tr("0 at the first layer, 1 at the last")))
        if like_first is not None:
            value = text.number(like_first) if like_first == like_first else "–"
            rows.append(Row(tr("rank corr. A"), value, _LIKE))
        self.panel.numbers.set_rows(rows)

    # --- pointing ---

    def point(self, cursor: tuple[float, float] | None, why: str = "") -> None:
        """Marks the cell at a point of the input, given as shares of it, and what that cell sees. `why`: nothing here stands for
        what is pointed at in another column."""
        if self.capture is None or self.of is None:
            return
        self._point_step(cursor)
        if why:
            self.panel.mosaic.set_pointed(None)
            self.pane.point(None)
            self.panel.say(why)
            return
        height, width = self.capture.picture.size
        found = self.pane.at_pixel(cursor[0] * height, cursor[1] * width) if cursor is not None else None
        if found is not None and (self.shown is None or self.shown.maps is None):
            found = replace(found, cell=None)
        self.panel.say(self._say(found))
        self.panel.mosaic.set_pointed(found.cell if found is not None else None)
        # where attention lies over the picture, it frames what asks itself
        attending = self.panel.pages.currentWidget() is self.panel.attention
        self.pane.point(replace(found, field=None) if found is not None and attending else found)

    def _point_step(self, cursor: tuple[float, float] | None) -> None:
        """The token of a text, and the step of a sequence."""
        assert self.capture is not None
        assert self.of is not None
        given = self.capture.picture
        token = token_at(cursor, given) if cursor is not None and isinstance(given, Text) else None
        self.panel.text.set_marked(token)
        height, width = given.size
        found = None if cursor is None else self.pane.at_pixel(cursor[0] * height, cursor[1] * width)
        step = max(found.cell) if found is not None and found.cell is not None else None
        self.panel.sequence.set_pointed(step if self.shown is not None and self.shown.sequence is not None else None)
        self._word = ""
        if token is not None and self.capture.text is not None:
            pieces = self.capture.text.tokens
            self._word = f"“{pieces[token].piece}”" if token < len(pieces) else ""

    def _say(self, found: picture_points.Pointed | None) -> str:
        assert self.of is not None
        assert self.capture is not None
        if found is None:
            return present.seen_line(self.of, self.capture)
        if not found.seen:
            return tr("not seen by this model")
        if self._word:
            return self._word
        return (
            tr("cell ({cell}, {cell2})", cell=found.cell[0], cell2=found.cell[1])
            if found.cell is not None
            else tr("no spatial map in this layer")
        )

    def place_of(self, y: int, x: int) -> tuple[float, float] | None:
        """The point of the picture that a cell of the layer stands over, as shares of it."""
        if self.shown is None or self.capture is None or self.of is None:
            return None
        height, width = self.capture.picture.size
        middle = picture_points.middle_of(self.shown.tap, (height, width), self.of.preprocess, (y, x))
        return None if middle is None else (middle[0] / height, middle[1] / width)


_ASTRAY = tr(
    "The link by CKA path needs the CKA matrix of this column's model and another: press Start in the panel Layer similarity"
)
_LIKE = tr(
    "Spearman's rank correlation of the mean absolute activation at each cell with that of A, each normalised to sum 1, over the pixels "
    "that both models see"
)

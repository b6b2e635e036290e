"""Explore: the session and what the engine brings -> the panels."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from explorer.core.activations import Capture
from explorer.core.any_input import Input, kind_of_input
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.interventions import Ablation, EditedFrame
from explorer.core.live_frames import LiveFrame
from explorer.core.models import ModelCard, kind_of, takes
from explorer.core.pane_requests import Opened
from explorer.core.progress import Progress
from explorer.core.render import SortKey
from explorer.core.session.display import liveliest
from explorer.core.session.resolve import first_tap
from explorer.core.session.session import Session, changed
from explorer.core.translation import tr
from explorer.engine.desk import Desk
from explorer.ui.explore.clip import Clip
from explorer.ui.explore.opener import INPUT, MODEL, SHOW, Opener
from explorer.ui.explore.status import show_capture
from explorer.ui.explore.view import ExploreView
from explorer.ui.explore.walk import FolderWalk
from explorer.ui.jobs.client import JobClient
from explorer.ui.live import LiveControl
from explorer.ui.model_pane import present
from explorer.ui.model_pane.active_edits import Interventions
from explorer.ui.model_pane.edit_words import edited_mark
from explorer.ui.model_pane.fitting_inputs import FOR_KINDS, fitting_inputs, in_place_of
from explorer.ui.notices import Notices
from explorer.ui.recent_models import remembered_as
from explorer.ui.settings import Settings
from explorer.ui.state import Store
from explorer.ui.toolbar import Toolbar
from explorer.ui.widgets.text import tip


class ExplorePresenter(QObject):
    """What is about something that is no longer open is passed over.

    `captured` carries a capture that has been handed to the panels and whether it is a live frame; `turned` says that what is
    selected may have changed; `model_opened` carries a card, `picture_changed` says that there is another input,
    `model_wanted` carries the spec of a model that takes it where the open one does not.
    """

    captured = Signal(object, bool)
    turned = Signal()
    model_opened = Signal(object)
    picture_changed = Signal()
    model_wanted = Signal(object)

    def __init__(
        self,
        window: QWidget,
        toolbar: Toolbar,
        view: ExploreView,
        store: Store,
        opener: Opener,
        live: LiveControl,
        clip: Clip,
        walk: FolderWalk,
        notices: Notices,
        desk: Desk,
        settings: Settings,
        client: JobClient,
    ) -> None:
        super().__init__(window)
        self._toolbar = toolbar
        self._view, self._store, self._opener = view, store, opener
        self._live, self._clip, self._walk, self._notices = live, clip, walk, notices
        self._desk, self._settings = desk, settings
        self._fallback = {MODEL, INPUT}  # once each
        self._fitting: dict[str, InputRef] = {}  # the last input of each kind
        self._tried: set[InputRef] = set()  # inputs that were to fit the open model and could not be opened
        self._models = dict(FOR_KINDS)  # the last model for each kind of input
        self._bars = view.workspace.input.prediction
        self.interventions = Interventions(client, store, self, desk.edit_live, self)
        self.interventions.applied.connect(self._show_edited)
        self.interventions.cleared.connect(self.take_capture)
        self.interventions.lost.connect(notices.fail)
        store.changed.connect(self._refresh)
        opener.model_came.connect(self._take_model)
        opener.input_came.connect(self._take_picture)
        opener.capture_came.connect(self.take_capture)
        opener.unfit.connect(self._fit)
        opener.failed.connect(self._failed)
        opener.progressed.connect(self._progressed)
        opener.ended.connect(notices.progress_over)

    # --- what is shown now ---

    @property
    def capture(self) -> Capture | None:
        return self._view.capture

    @property
    def tap(self) -> str:
        """The selected layer."""
        return self._store.session.tap

    @property
    def playing(self) -> bool:
        """Whether the input moves."""
        return self._live.playing

    # --- the session has changed ---

    def _refresh(self, old: Session, new: Session) -> None:
        names = changed(old, new) - {"dataset"}  # of which nothing is shown here
        if "tap" in names:
            self._desk.watch(new.tap)
        if "edits" in names:
            self.interventions.follow()
            names -= {"edits"}
        if not names:
            return
        if "blocks" in names:
            self._view.set_blocks(new)
        elif names <= {"channel", "cell"} and not _resorts(names, new):
            self._view.show_channel(new)
        else:
            self.show()
        if names & {"colormap", "single"}:
            self._view.layers.redraw(new)
        self.turned.emit()

    def show(self) -> None:
        """Everything that the session says; what is missing is asked for."""
        view, capture = self._view.show(self._store.session), self._view.capture
        if view.missing and view.tap is not None and capture is not None and not self._live.playing:
            if capture.edits:
                self.interventions.apply()
            else:
                self._opener.recompute(capture, (view.tap.name,))

    # --- what has come ---

    def _take_model(self, opened: Opened) -> None:
        card, session = opened.card, self._store.session
        if card.spec != session.model and session.order is not None:  # it was measured on the other one
            sort = SortKey.INDEX if session.sort is SortKey.MEASURED else session.sort
            self._store.put(order=None, sort=sort)
        self._view.set_model(card, opened.kernels)
        self._models[kind_of(card.preprocess)] = card.spec
        toolbar = self._toolbar
        toolbar.show_model(card)
        toolbar.model.setToolTip(tip(present.model_tip(card)))
        self._settings.remember("models", remembered_as(card.spec))
        self._store.put(model=card.spec)
        self.interventions.opened(card.digest)
        self.model_opened.emit(card)
        self._tried.clear()
        self._note_step()
        if self._opener.picture is not None:
            self._view.pane.show_picture(self._opener.picture)

    def _fit(self, came: str) -> None:
        """The open model does not take the open input: the one that came last stays, the other one follows."""
        card, picture = self._opener.card, self._opener.picture
        if card is None or picture is None:
            return
        kind = kind_of_input(picture)
        if came == MODEL:
            self._follow_model(card, picture)
        elif kind in self._models:
            self._notices.tell(
                tr(
                    "{card} takes no {kind}: {id} is opened for it.",
                    card=card.name,
                    kind=kind,
                    id=self._models[kind].id,
                )
            )
            self.model_wanted.emit(self._models[kind])
        else:
            self._notices.tell(
                tr("{card} takes no {kind}. {says}", card=card.name, kind=kind, says=card.preprocess.says)
            )

    def _follow_model(self, card: ModelCard, picture: Input) -> None:
        """An input for the model that has come; each is asked for once, for a file may be gone and a video have no sound."""
        ref = next((ref for ref in fitting_inputs(card, picture, self._fitting) if ref not in self._tried), None)
        if ref is None:
            self._notices.tell(tr("{card} has no input yet. {says}", card=card.name, says=card.preprocess.says))
            return
        if not self._tried:
            self._notices.tell(card.preprocess.says)
        self._tried.add(ref)
        self._opener.open_input(ref)

    def _take_picture(self, picture: Input) -> None:
        if self._opener.card is not None and takes(self._opener.card.preprocess, picture):
            self._fitting[kind_of_input(picture)] = picture.ref
        self._view.pane.show_picture(picture)
        self._toolbar.show_input(picture.name or Path(picture.ref.path).name)
        if picture.ref.kind in ("picture", "video", "sound", "lines"):
            self._settings.remember("inputs", picture.ref.path)
        self._store.put(input=picture.ref)
        self._clip.set(picture.ref)
        self.picture_changed.emit()
        self._note_step()

    def _note_step(self) -> None:
        """A step of the history, but where a model and an input that do not fit wait for the other one: both are one step."""
        if self._store.on_its_way or not self._unfit():
            self._store.take()
            self._store.find_again()

    def _unfit(self) -> bool:
        card, picture = self._opener.card, self._opener.picture
        return card is not None and picture is not None and not takes(card.preprocess, picture)

    def take_capture(self, capture: Capture, live: bool = False) -> None:
        """A capture of the open model and input, or (`live`) the next frame of what moves."""
        card, picture = self._opener.card, self._opener.picture
        if card is None or capture.model != card.digest:
            return  # of a model that is no longer open
        if live and not self._live.playing:
            return
        if live and not self.interventions.fits(capture):
            self._live.follow(capture)  # made under other edits than now: passed over, the next one is asked for
            return
        if not live and picture is not None and capture.picture.digest != picture.digest:
            return
        if live:
            self._follow_live(capture.picture)
            self._live.follow(capture)
        self._settle(capture)
        self._draw(capture, live)

    def _follow_live(self, picture: Input) -> None:
        self._opener.picture = picture
        self._store.put(input=picture.ref)

    def _settle(self, capture: Capture) -> None:
        """A layer of this model, where the session names none."""
        session = self._store.session
        if any(tap.name == session.tap for tap in capture.taps):
            self._store.amend()
            return
        tap = first_tap(capture.taps)
        self._store.amend(tap=tap, channel=liveliest(capture, tap), cell=None)
        self._desk.watch(tap)

    def _draw(self, capture: Capture, live: bool) -> None:
        view = self._view.set_capture(capture, self._store.session, live)
        if view.missing and view.tap is not None and not live:
            self._opener.recompute(capture, (view.tap.name,))
        for note in capture.notes:
            self._notices.tell(note)
        if self._view.whole:  # of live frames in between only the maps are followed
            if live:
                self._toolbar.show_input(clip_name(capture.picture))
                self._clip.show_frame(capture.picture.ref.frame, True)
            self.show_status(capture)
        if not live or self._view.whole:
            self.interventions.captured(capture, live)
        self.captured.emit(capture, live)
        self._walk.look_ahead(capture.picture.ref, self._opener.card)

    def _show_edited(self, capture: Capture, result: Ablation) -> None:
        """A capture under edits, in the place of the one without."""
        self._view.set_capture(capture, self._store.session)
        self.turned.emit()
        self._bars.set_shifts(result.shifts, edited_mark(result.edits))

    def take_frame(self, frame: EditedFrame) -> None:
        """A live frame under edits: shown when they are still the active ones, else passed over."""
        if frame.after is None:
            self._live.follow(frame.before)
            self.interventions.framed(frame)
            return
        fits = self._live.playing and self.interventions.fits(frame.after)
        if fits:
            self.interventions.plain = frame.before
        self.take_capture(frame.after, live=True)
        if fits and self._view.whole:
            self._bars.set_shifts(frame.shifts, edited_mark(frame.edits))
            self.interventions.framed(frame)

    def take_together(self, frame: LiveFrame) -> bool:
        """A live frame in all columns of Compare; whether it still plays."""
        if not self._live.playing:
            return False
        self._follow_live(frame.picture)
        self._store.amend()
        self._live.follow(frame)
        self._toolbar.show_input(clip_name(frame.picture))
        return True

    def show_status(self, capture: Capture) -> None:
        """The numbers of a forward."""
        show_capture(self._toolbar, capture, len(self._view.layers.taps), self._desk.cached_bytes)

    # --- what has not ---

    def _progressed(self, progress: Progress) -> None:
        self._notices.progress(progress, cancellable=True)

    def _failed(self, kind: str, failure: Failure) -> None:
        self._notices.progress_over()
        if kind in (MODEL, INPUT):
            self._store.give_up(kind)
        self._notices.fail(failure)
        if kind == SHOW:
            self._view.pane.forget_tokens()
        self._view.show(self._store.session)  # where a model's first forward failed, the maps say whose they still are
        if kind in self._fallback:  # nothing is open yet: an empty window would be the last good state
            self._fallback.remove(kind)
            if kind == MODEL and self._opener.card is None:
                self._opener.open_model(None)
            elif kind == INPUT and self._opener.picture is None:
                self._opener.open_input(in_place_of(self._opener.asked_input, self._opener.card))
        if kind == MODEL:
            self._fall_back()

    def _fall_back(self) -> None:
        """Where the model that was opened for an input is gone, the one that comes with the application is opened for it."""
        picture = self._opener.picture
        if picture is None or not self._unfit():
            return
        kind = kind_of_input(picture)
        usual = FOR_KINDS.get(kind)
        if usual is not None and self._models.get(kind) != usual:
            self._models[kind] = usual
            self.model_wanted.emit(usual)


def _resorts(names: frozenset[str], new: Session) -> bool:
    """Whether another channel or cell is another order of the maps."""
    return new.sort is SortKey.DISTANCE or (new.sort is SortKey.HERE and "cell" in names)


def clip_name(picture: Input) -> str:
    """The name of a clip, of one of its frames."""
    return picture.name.rpartition(", frame")[0] or picture.name

"""Composes what stands behind the window: the session, the engine's answers, the workspaces. Makes no widgets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from explorer import catalogue
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.geometry.cells import step_cell
from explorer.core.inputs import InputRef
from explorer.core.interventions import EditedFrame
from explorer.core.live_frames import LiveFrame
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec
from explorer.core.pane_requests import Saved, SaveFile, SaveValues
from explorer.core.registry import Problem
from explorer.core.render import ScaleMode
from explorer.core.scores import Probabilities
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.display import Display
from explorer.core.session.history import History
from explorer.core.session.session import Session
from explorer.core.texts import unread
from explorer.core.translation import tr
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.jobs.runner import Event, Lane
from explorer.engine.worker import Ready
from explorer.ui.compare.control import CompareControl
from explorer.ui.data_index.index_shelf import IndexShelf
from explorer.ui.explore.clip import Clip
from explorer.ui.explore.connections import Connections
from explorer.ui.explore.explore_features import ExploreFeatures
from explorer.ui.explore.film import LayerFilm
from explorer.ui.explore.folder_strip import FolderStrip
from explorer.ui.explore.map_orders import ChannelOrders
from explorer.ui.explore.method_pages import MethodPages
from explorer.ui.explore.opener import Opener
from explorer.ui.explore.pointing import pointer_over
from explorer.ui.explore.presenter import ExplorePresenter
from explorer.ui.explore.status import show_engine
from explorer.ui.explore.view import ExploreView
from explorer.ui.explore.walk import FolderWalk
from explorer.ui.explore.window_of_sound import SoundWindows
from explorer.ui.features.store import FeatureStore
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.jobs.bridge import Bridge
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.kept_sizes import keep_sizes
from explorer.ui.live import LiveControl
from explorer.ui.method_page.pointer import Pointer
from explorer.ui.model_pane.active_edits import Interventions
from explorer.ui.model_pane.drawn_input import DrawnInput
from explorer.ui.model_pane.line_reader import LineReader
from explorer.ui.notices import Notices
from explorer.ui.settings import Settings
from explorer.ui.sound.listening import Listening
from explorer.ui.state import Store
from explorer.ui.trust import Trust
from explorer.ui.waiting import Waiting
from explorer.ui.window import Window
from explorer.ui.workspace_views import WorkspaceViews

log = logging.getLogger("explorer")


class Controller(QObject):
    """`captured` carries a capture that has been handed to the panels, `ready` the engine when it can be used, `saved` the path of a file
    that was written."""

    captured = Signal(object)
    ready = Signal(object)
    saved = Signal(str)

    def __init__(self, window: Window, desk: Desk, bridge: Bridge, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.desk, self.settings = window, desk, settings
        self.engine: Ready | None = None
        self.client = JobClient(desk)
        self.state, self.notices, self.trusted = Store(self), Notices(window.banner, window.place_banner, self), Trust()
        self.failed = self.notices.failed
        self.indexes = IndexShelf(settings, self)
        self.view = ExploreView(window.explore)
        self.view.set_lines(LineReader(self.client, self))
        self.live = LiveControl(desk, self)
        self.opener = Opener(self.client, self)
        self.clip = Clip(self.state, self.live, self.opener, window.explore.input.transport, self.open_input)
        self.walk = FolderWalk(desk, self.open_input, self.notices.fail_with)
        self.folder = FolderStrip(window.explore.input.folder, self.client, self.state, self.open_input)
        self.film = LayerFilm(self.state, self.view.layers, window.explore.strip)
        self.connections = Connections(window.explore.strip, self.view.layers, self.set_tap)
        self.explore = ExplorePresenter(
            window,
            window.toolbar,
            self.view,
            self.state,
            self.opener,
            self.live,
            self.clip,
            self.walk,
            self.notices,
            desk,
            settings,
            self.client,
        )
        self.explore.picture_changed.connect(self.folder.follow)
        self.model_opened = self.explore.model_opened
        self._save: Task[Saved] = Task(self.client, "save", self._written, self.fail, follows=True, key="save")
        self._pointer = pointer_over(window.explore, self)
        self._drawn = DrawnInput(window.explore.input.picture, window.explore.input.text)
        self.pages = MethodPages(
            self.client, self, self.state, self.view, window.explore.channel, window.explore.input.prediction
        )
        self.orders = ChannelOrders(
            self.client, self.state, self.pages.place, window.explore.maps, self.live, self.notices
        )
        self.pages.class_chosen.connect(self.orders.follow)
        given, steps = window.explore.input, window.explore.maps.sequence.view
        self.listening = Listening(
            given.play_bar,
            given.picture,
            steps,
            self.client,
            self.pages.place,
            self.pages.shown_params,
            self.notices,
            self,
        )
        self.windows = SoundWindows(
            given.window_bar, self.opener, self.open_input, lambda: self.state.on_its_way, self.client
        )
        self.explore.picture_changed.connect(self.windows.follow)
        self.explore.model_opened.connect(self.windows.follow)
        window.explore.input.reading.chosen.connect(self.set_reading)
        self.store = FeatureStore(self)
        self.features = ExploreFeatures(self.state, self.view, self.live, desk, self.notices, self.store)
        self.compare = CompareControl(self, window.compare)
        self.broken: list[Problem] = [*self.pages.broken, *self.compare.pairs.broken]  # what could not be made
        self.views = WorkspaceViews(self, window, self.broken)
        for spec in catalogue.workspaces:
            if spec.view:
                self.views.add(spec)
        keep_sizes(settings, window.explore.splitters)
        self.waiting = Waiting(self.client, self.notices, desk.runner, self)
        bridge.received.connect(self.waiting.heard)
        bridge.received.connect(self.receive)
        self._connect()

    def _connect(self) -> None:
        panels, window, explore = self.window.explore, self.window, self.explore
        maps, channel, strip, given = panels.maps, panels.channel, panels.strip, panels.input
        for panel in (maps, panels.maps.features):
            panel.changed.connect(self.change_fields)
        maps.features.places.scrubbed.connect(self.step)
        maps.channel_moved.connect(self.set_channel)
        maps.mosaic.selected.connect(self._select)
        maps.mosaic.hovered.connect(self._hover)
        maps.mosaic.left.connect(self.view.point_away)
        maps.mosaic.scrubbed.connect(self.step)
        maps.vector.selected.connect(self.set_channel)
        maps.sequence.selected.connect(self._select_step)
        maps.sequence.hovered.connect(self._hover_step)
        maps.sequence.left.connect(self.view.point_away)
        maps.tokens.selected.connect(self._select_token)
        channel.map.hovered.connect(self.view.point_at)
        channel.map.left.connect(self.view.point_away)
        channel.map.selected.connect(self._select_cell)
        channel.levels_chosen.connect(self.set_levels)
        strip.strip.scrubbed.connect(self.scrub)
        strip.blocks.connect(self._set_blocks)
        strip.one_map.connect(self._set_single)
        given.tree.chosen.connect(self.set_tap)
        given.picture.hovered.connect(self.view.point_at_input)
        given.picture.left.connect(self.view.point_away)
        given.text.edited.connect(self._write)
        given.text.hovered.connect(self._hover_token)
        given.text.left.connect(self.view.point_away)
        window.banner.cancelled.connect(self.cancel)
        self.live.changed.connect(self._live_changed)
        self.live.failed.connect(self.notices.fail_with)
        self.state.history_changed.connect(self.show_history)
        self.state.arrived.connect(self._arrived)
        explore.captured.connect(self._captured)
        explore.turned.connect(self._turned)
        explore.model_opened.connect(lambda card: window.show_title(model=card.name))
        explore.model_opened.connect(self.compare.model_opened)
        explore.picture_changed.connect(self.compare.picture_changed)
        explore.picture_changed.connect(self._heard)
        explore.model_wanted.connect(self.open_model)
        self.captured.connect(self.compare.first_capture)

    # --- what others ask for ---

    @property
    def session(self) -> Session:
        return self.state.session

    @property
    def history(self) -> History:
        return self.state.history

    @property
    def card(self) -> ModelCard | None:
        """The model that is open in Explore."""
        return self.opener.card

    @property
    def capture(self) -> Capture | None:
        """What Explore shows."""
        return self.view.capture

    @property
    def picture(self) -> Input | None:
        """The input that is open in Explore."""
        return self.opener.picture

    @property
    def own_preprocess(self) -> AnyPreprocess | None:
        """What came with the open model."""
        return self.opener.own_preprocess

    @property
    def on_its_way(self) -> bool:
        """Whether another session is being opened, and this one is half of it."""
        return self.state.on_its_way

    @property
    def interventions(self) -> Interventions:
        """The edits that are active in Explore."""
        return self.explore.interventions

    @property
    def parent_widget(self) -> QWidget:
        """What dialogs of the pages stand over."""
        return self.window

    @property
    def playing(self) -> bool:
        """Whether the input moves."""
        return self.live.playing

    @property
    def overlay(self) -> DrawnInput:
        """The input, which pages draw over."""
        return self._drawn

    @property
    def pointer(self) -> Pointer:
        """What is pointed at in Explore."""
        return self._pointer

    @property
    def regions(self) -> FeatureMapPanel:
        """The large map, where a region of the selected channel is marked by dragging."""
        return self.window.explore.channel.map

    @property
    def shown(self) -> Display | None:
        """The selected layer as it is drawn."""
        return self.view.shown

    def say(self, words: str) -> None:
        """A short message."""
        self.notices.tell(words)

    def fail(self, failure: Failure) -> None:
        """Says what happened; what was shown stays."""
        self.notices.fail(failure)

    def asked_anew(self) -> None:
        """Whoever asks for something else has read the last error."""
        self.notices.asked_anew()

    def trust(self, *specs: ModelSpec) -> None:
        """The Python files of these models may run without a question as long as the window is open."""
        self.trusted.trust(*specs)

    def trusts(self, spec: ModelSpec) -> bool:
        """Whether a model may run without a question."""
        return self.trusted.trusts(spec)

    # --- the session ---

    def change(self, **fields: Any) -> None:
        """Another session; the panels follow, missing values are asked for."""
        if "tap" not in fields or fields["tap"]:
            self.state.update(**fields)

    def note_params(self) -> None:
        """Parameters of a page were changed by hand."""
        self.pages.note_params()
        self.listening.follow()

    def change_fields(self, fields: dict[str, Any]) -> None:
        """As `change`, as panels say it."""
        self.change(**fields)

    def set_tap(self, name: str) -> None:
        self.change(tap=name)

    def set_channel(self, channel: int) -> None:
        self.change(channel=channel)

    def set_levels(self, low: float, high: float) -> None:
        """The colour range of all maps, as it was set by dragging."""
        if high > low:
            self.change(scale=ScaleMode.FIXED, fixed=(low, high))

    def scrub(self, index: int) -> None:
        """To a place of the layer strip."""
        self.change(tap=self.view.layers.name(index))

    def step(self, steps: int) -> None:
        """So many layers on, in the workspace that is in front."""
        if self.window.workspace == "compare":
            self.compare.step(steps)
        elif self.view.layers.taps:
            self.change(tap=self.view.layers.beside(steps))

    def page(self, direction: int) -> None:
        """To the next or previous stage."""
        if self.window.workspace == "compare":
            self.compare.page(direction)
        else:
            self.window.explore.strip.strip.page(direction)

    def _set_blocks(self, on: bool) -> None:
        self.change(blocks=on)

    def _set_single(self, on: bool) -> None:
        self.change(single=on)

    def _select(self, channel: int, y: int, x: int) -> None:
        self.change(channel=channel, cell=(y, x) if y >= 0 else self.session.cell)

    def _select_step(self, channel: int, step: int) -> None:
        shown = self.view.shown
        if shown is not None:
            self.change(channel=channel, cell=step_cell(shown.tap, step))

    def _select_token(self, token: int, channel: int) -> None:
        self.change(channel=channel, cell=(-1, token))

    def _select_cell(self, y: int, x: int) -> None:
        self.change(cell=(y, x))

    def _hover(self, _channel: int, y: int, x: int) -> None:
        self.view.point_at(y, x)

    def _write(self, text: str) -> None:
        """The text of a model of texts, while it is written."""
        why = unread(text)
        self.window.explore.input.text.set_unread(
            tr("{why} Tokens and maps are those of the last text.", why=why) if why else ""
        )
        if not why:
            self.view.hold()
            self.open_input(InputRef("text", text))

    def _hover_token(self, token: int) -> None:
        self.view.point_at_input(0.5, token + 0.5)

    def _hover_step(self, _channel: int, step: int) -> None:
        self.view.point_at_step(step)

    # --- back and forward, files, workspaces ---

    def show_history(self) -> None:
        """Whether there is a way back and forward."""
        self.window.toolbar.show_history(self.history.can_back, self.history.can_forward)

    def whole_session(self) -> Session:
        """For a file."""
        fields = self.pages.as_file()
        fields["results"] = (*fields["results"], *self.compare.pairs.as_file())
        return replace(self.session, comparison=self.compare.saved(), **fields)

    def restore(self, session: Session, compute: bool = True) -> None:
        """Shows a saved session, the workspace in front that was. `compute`: what was computed is computed again where it is
        looked at."""
        self.live.stop()
        self.pages.reopen(session, compute)
        self.compare.pairs.reopen(session, compute)
        self.state.open(session)

    def _arrived(self, old: Session, new: Session) -> None:
        """A step or a file leads elsewhere: its model and input are opened where they differ; what stands beside the panels of
        Explore follows."""
        self.asked_anew()
        self.notices.outdated()
        target = self.state.target or new
        if target.model is not None and target.model != new.model:
            self.open_model(target.model)
        if target.input is not None and target.input != new.input:
            self.open_input(target.input)
        if new.comparison != old.comparison:
            self.compare.follow()
        self.pages.restore()
        self.compare.pairs.restore()
        if new.pinned != old.pinned:
            self.features.follow()
        if new.workspace != self.window.workspace:
            self.show_workspace(new.workspace if new.workspace in self.window.workspaces else "explore")

    def show_workspace(self, name: str) -> None:
        """Brings "explore" or "compare" to the front; what moves stands still until it is played there."""
        if name != self.window.workspace:
            self.live.stop()
        self.live.together = name == "compare"
        view = self.views.get(name)  # made before it is seen
        self.window.show_workspace(name)
        self.state.put(workspace=name)
        if name == "compare":
            self.compare.start()
        elif view is not None:
            view.start()

    def compare_columns(self, columns: Sequence[Column]) -> None:
        """These columns in Compare, which comes to the front: one step of the history."""
        self.go(workspace="compare", comparison=Comparison(tuple(columns)))

    def go(self, **fields: Any) -> None:
        """Another session whose model or input is still to be opened: one step of the history. What moves stands still."""
        self.live.stop()
        self.state.open(replace(self.session, **fields))

    # --- models and inputs ---

    def open_model(self, spec: ModelSpec, trust_code: bool = False, allow_download: bool = False) -> None:
        """Asks for a model; the one that is open stays until the new one has come."""
        self.asked_anew()
        self.live.stop()
        self.opener.open_model(spec, trust_code or self.trusts(spec), allow_download)

    def open_start(self) -> None:
        """Asks for what the weights at hand allow."""
        self.opener.open_model(None)

    def open_input(self, ref: InputRef) -> None:
        """Asks for a picture, a sample or a frame; a video starts paused at its first frame."""
        self.asked_anew()
        self.live.stop()
        self.walk.end()
        self.opener.open_input(ref)

    def open_pixels(self, pixels: Array, name: str) -> None:
        """A picture that is in no file."""
        self.live.stop()
        self.opener.open_input(InputRef("clipboard"), pixels, name)

    def set_preprocess(self, preprocess: AnyPreprocess) -> None:
        self.live.stop()
        self.opener.set_preprocess(preprocess)

    def set_reading(self, output: str, probabilities: Probabilities) -> None:
        """Another way of reading the class vector; captures are made again."""
        self.live.stop()
        self.opener.set_reading(output, probabilities)

    def neighbour(self, step: int) -> None:
        """The next or previous file of the folder, or sample."""
        self.walk.step(self.session.input, step)

    # --- live ---

    def toggle_live(self) -> None:
        if self.listening.has_sound and not self.live.playing:
            self.listening.toggle()
        else:
            self.clip.toggle()

    def play_input(self, ref: InputRef) -> None:
        self.clip.play(ref)

    def play_camera(self, device: str, title: str) -> None:
        self.clip.play_camera(device, title)

    def play_microphone(self, device: str, title: str) -> None:
        self.listening.close()  # what is played would be heard again
        self.clip.play_microphone(device, title)

    def step_frame(self, steps: int) -> None:
        if self.windows.there:
            self.windows.step(steps)
        else:
            self.clip.step(steps)

    def seek(self, frame: int) -> None:
        self.clip.seek(frame)

    def _live_changed(self, on: bool) -> None:
        self.state.moving = on
        self.window.toolbar.show_live(on)
        self.clip.show_frame(self.session.input.frame if self.session.input is not None else 0, on)
        self.pages.follow()
        if not on and self.view.capture is not None:
            self.opener.capture()  # all taps of the frame that stays
            self._heard()
        self.compare.live_changed(on)

    # --- answers ---

    def receive(self, event: Event) -> None:
        """An event of the worker, in the UI thread."""
        if self.client.receive(event):
            return
        if event.key.startswith(work.FEATURES):
            self.store.receive(event)
        elif event.lane == Lane.LIVE:
            self._take_live(event)
        elif event.failure is not None:
            self.notices.progress_over()
            self.fail(event.failure)
        elif event.progress is not None:
            self.notices.progress(event.progress)
        elif isinstance(event.value, Ready):
            self.notices.progress_over()
            self._take_engine(event.value)

    def _take_engine(self, engine: Ready) -> None:
        self.engine = engine
        show_engine(self.window.toolbar, engine, self.view.capture)
        self.ready.emit(engine)

    def _take_live(self, event: Event) -> None:
        if event.failure is not None:
            self.live.ended(event.ticket)
            self.fail(event.failure)
        elif event.value is None:
            self.live.ended(event.ticket)
        elif isinstance(event.value, LiveFrame):
            if self.explore.take_together(event.value):
                self.compare.show_frame(event.value)
        elif isinstance(event.value, EditedFrame):
            self.explore.take_frame(event.value)
        elif isinstance(event.value, Capture):
            self.explore.take_capture(event.value, live=True)

    def _captured(self, capture: Capture, live: bool) -> None:
        if not live or self.view.whole:
            self.pages.captured(capture, live)
            self.orders.follow()
            self.listening.follow()
        self.features.follow()
        if self.engine is not None and (not live or self.view.whole):
            show_engine(self.window.toolbar, self.engine, capture)
        self.captured.emit(capture)

    def _heard(self) -> None:
        self.listening.set_given(self.picture)

    def _turned(self) -> None:
        self.pages.follow()
        self.orders.follow()
        self.listening.follow()
        self.features.follow()

    # --- files, and the end ---

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all."""
        self._save.ask(SaveFile(path, make))

    def save_values(self, path: str, card: ModelCard, capture: Capture, names: tuple[str, ...]) -> None:
        """Writes an .npz of layers."""
        self._save.ask(SaveValues(path, card, capture, names))

    def _written(self, saved: Saved, _done: bool) -> None:
        self.notices.tell(tr("Saved {path}", path=saved.path))
        self.saved.emit(saved.path)

    def cancel(self) -> None:
        """The work that shows its progress is not wanted any more."""
        self.opener.cancel_model()
        self._save.drop()
        if not self.waiting.give_up():
            self.window.banner.dismiss()

    def close(self) -> None:
        """Stops timers and the engine; called once, when the window closes."""
        self.film.stop()
        self.listening.close()
        self.waiting.close()
        self.compare.close()
        for view in self.views.there.values():
            view.finish()
        self.indexes.close()
        self.features.close()
        self.live.stop()

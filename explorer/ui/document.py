"""The session as a document: what is selected, the way back and forward, and what a person is waiting for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core.scores import Probabilities
from explorer.core.session import History, Session, changed
from explorer.core.types import Array, ExplorerError, Failure, InputRef, ModelCard, ModelSpec, Picture, Preprocess
from explorer.engine.desk import Desk
from explorer.ui.compare.control import CompareControl
from explorer.ui.explore.view import ExploreView
from explorer.ui.features.explore import ExploreFeatures
from explorer.ui.features.store import FeatureStore
from explorer.ui.jobs.client import JobClient
from explorer.ui.live import LiveControl
from explorer.ui.settings import Settings
from explorer.ui.understand.control import UnderstandControl
from explorer.ui.window import Window

_REST_MS = 700


class Document(QObject):
    """What the panels show, and the questions to the engine that follow from it. The controller is the whole of it."""

    captured = Signal(object)
    ready = Signal(object)
    failed = Signal(object)
    saved = Signal(str)

    understand: UnderstandControl
    compare: CompareControl
    features: ExploreFeatures
    store: FeatureStore
    client: JobClient

    def __init__(self, window: Window, desk: Desk, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.desk, self.settings = window, desk, settings
        self.view = ExploreView(window.explore)
        self.live = LiveControl(desk, self)
        self.session = Session()
        self.history = History(self.session)
        self.card: ModelCard | None = None
        self.picture: Picture | None = None
        self._target: Session | None = None  # where going back or forward, or a session file, is leading
        self._walk = 0  # which way a person goes through a folder
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(lambda: self._record(rest=True))
        self._unread: Failure | None = None
        self._trusted: set[Path] = (
            set()
        )  # Python files that may run unasked: named on the command line with --trust-code
        self.own_preprocess: Preprocess | None = None  # what came with the open model

    # --- the document ---

    def change(self, **fields: Any) -> None:
        """Another session; the panels follow, missing values are asked for."""
        if "tap" in fields and not fields["tap"]:
            return
        old, self.session = self.session, replace(self.session, **fields)
        self._record()
        self._refresh(changed(old, self.session))

    def _refresh(self, names: frozenset[str]) -> None:
        if "tap" in names:
            self.desk.watch(self.session.tap)
        if not names:
            return
        if "blocks" in names:
            self.view.set_blocks(self.session)
        elif names <= {"channel", "cell"} and self.session.sort != "distance":
            self.view.show_channel(self.session)
        else:
            self._show()
        if "colormap" in names:
            self.view.recolour_film()
        self.understand.follow()
        self.features.follow()

    def _show(self) -> None:
        view = self.view.show(self.session)
        if view.missing and view.tap is not None and not self.live.playing and self.view.capture is not None:
            if self.view.capture.edits:
                self.understand.ablation.apply()
            else:
                self.desk.recompute(self.view.capture, [view.tap.name])

    def _record(self, rest: bool = False) -> None:
        if self._target is None:
            self.history.push(self.session, rest)
            self.show_history()
            if not rest:
                self._rest.start()

    def show_history(self) -> None:
        """Whether there is a way back and forward in the workspace that is in front."""
        way = self.compare.past if self.window.workspace == "compare" else self.history
        self.window.toolbar.show_history(way.can_back, way.can_forward)

    def back(self) -> None:
        """A step back in the workspace that is in front."""
        if self.window.workspace == "compare":
            self.compare.undo()
        else:
            self.go_to(self.history.back())

    def forward(self) -> None:
        if self.window.workspace == "compare":
            self.compare.redo()
        else:
            self.go_to(self.history.forward())

    @property
    def on_its_way(self) -> bool:
        """Whether another session is being opened, and this one is half of it."""
        return self._target is not None

    def whole_session(self) -> Session:
        """For a file: Explore's document, that of Compare, and which of them is in front."""
        compared, pinned = self.compare.saved(), self.features.origin
        return replace(self.session, comparison=compared, pinned=pinned, workspace=self.window.workspace)

    def restore(self, session: Session) -> None:
        """Shows a saved session, the workspace in front that was."""
        self.compare.restore(session.comparison)
        self.features.restore(session.pinned)
        now = self.session
        self.go_to(replace(session, comparison=now.comparison, pinned=now.pinned, workspace=now.workspace))
        self.show_workspace("compare" if session.workspace == "compare" else "explore")

    def show_workspace(self, name: str) -> None:
        """Brings "explore" or "compare" to the front."""
        raise NotImplementedError

    def go_to(self, session: Session | None) -> None:
        """Shows another session: a step of the history, a saved file. Model and input are opened first where they differ."""
        if session is None:
            return
        self.live.stop()
        self._target = session
        if session.model is not None and session.model != self.session.model:
            self.open_model(session.model)
        if session.input is not None and session.input != self.session.input:
            self.open_input(session.input)
        self._reach()

    def _reach(self) -> None:
        """Takes over the rest of the target once its model and input are here."""
        target, now = self._target, self.session
        if target is None or any(
            wanted is not None and wanted != have
            for wanted, have in ((target.model, now.model), (target.input, now.input))
        ):
            return
        self._target = None
        names = changed(now, target) - {"model", "input"}
        self.session = replace(now, **{name: getattr(target, name) for name in names})
        self.history.settle(self.session)
        self.show_history()
        self._refresh(names)

    # --- models and inputs ---

    def trust(self, *specs: ModelSpec) -> None:
        """The Python files of these models, and those they import, may run without a question as long as the window is open."""
        self._trusted |= {path for spec in specs if (path := _python_file(spec)) is not None}

    def trusts(self, spec: ModelSpec) -> bool:
        """Whether a model is of a Python file that may run without a question. What a session file names is not, unless it
        is the very same."""
        return bool(self._trusted) and _python_file(spec) in self._trusted

    def open_model(self, spec: ModelSpec, trust_code: bool = False, allow_download: bool = False) -> None:
        """Asks for a model; the one that is open stays until the new one has come."""
        self.asked_anew()
        self.live.stop()
        self.desk.open_model(spec, trust_code or self.trusts(spec), allow_download)

    def open_input(self, ref: InputRef) -> None:
        """Asks for a picture, a sample or a frame; a video starts paused at its first frame."""
        self.asked_anew()
        self.live.stop()
        self._walk = 0
        self.desk.open_input(ref)

    def open_pixels(self, pixels: Array, name: str) -> None:
        """A picture that is in no file."""
        self.live.stop()
        self.desk.open_array(pixels, InputRef("clipboard"), name)

    def set_preprocess(self, preprocess: Preprocess) -> None:
        if self.card is not None:
            self.live.stop()
            self.desk.repreprocess(self.card, preprocess)

    def set_reading(self, output: str, probabilities: Probabilities) -> None:
        """Another way of reading the class vector; captures are made again."""
        if self.card is not None and (self.card.spec.output, self.card.spec.probabilities) != (output, probabilities):
            self.live.stop()
            self.desk.reread(self.card, output, probabilities)

    # --- failures ---

    def fail(self, failure: Failure) -> None:
        """Says what happened; what was shown stays. One that has not been read yet is said along."""
        before, self._unread = self._unread if self.window.banner.kind == "error" else None, failure
        both = before is not None and before.what != failure.what
        said = replace(failure, todo=f"{failure.todo} Before that: {before.text}") if both and before else failure
        self.window.banner.show_failure(said)
        self.window.place_banner()
        self.failed.emit(failure)

    def asked_anew(self) -> None:
        """Whoever asks for something else has read the last error."""
        if self.window.banner.kind == "error":
            self.window.banner.dismiss()


def failure_of(error: ExplorerError) -> Failure:
    """An error as text."""
    return Failure(error.what, error.why, error.todo, type=type(error).__name__)


def file_ref(path: str | Path) -> InputRef:
    """The reference of a picture or video file, by its name."""
    from explorer.engine.inputs.folder import is_video

    return InputRef("video" if is_video(path) else "picture", str(path))


def _python_file(spec: ModelSpec) -> Path | None:
    """The one path of the Python file that a model is of; None for other models."""
    from explorer.engine.models.own_code import resolved
    from explorer.engine.models.values import parse_file, parse_id

    try:
        named = parse_id(spec.id)
        return resolved(parse_file(named.name)[0]) if named.source == "file" else None
    except ExplorerError:
        return None

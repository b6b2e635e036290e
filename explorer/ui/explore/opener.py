"""The model and the input of Explore: asked for, and kept when they come."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec, takes
from explorer.core.pane_requests import CapturePicture, Opened, OpenInput, OpenModel, Recompute, Reopen
from explorer.core.progress import Progress
from explorer.core.scores import Probabilities
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient, Task

MODEL, INPUT, SHOW = "model", "input", "show"


class Opener(QObject):
    """One request brings a model or an input together with the capture of both. The old ones stay until the new have come.

    `model_came` carries an Opened, `input_came` a Picture, `capture_came` a Capture; `failed` which of "model", "input" and "show" could
    not be had, and the Failure; `progressed` the Progress of a model; `unfit` says that the open model does not take
    the open input, and which of the two came last ("model" or "input"); `ended` says that nothing of that kind is awaited.
    """

    model_came = Signal(object)
    input_came = Signal(object)
    capture_came = Signal(object)
    unfit = Signal(str)
    failed = Signal(str, object)
    progressed = Signal(object)
    ended = Signal()

    def __init__(self, client: JobClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.card: ModelCard | None = None
        self.picture: Input | None = None
        self.own_preprocess: AnyPreprocess | None = None  # what came with the open model
        self._last = MODEL  # which came last
        self._due = False  # whether a picture is still to come
        self._captured = ("", "")  # model and picture of the last capture
        self._model: Task[Opened | Capture] = Task(
            client, MODEL, self._take, self._model_failed, self._told, self._ended, key=MODEL
        )
        self._input: Task[Input | Capture] = Task(
            client, INPUT, self._take, self._input_failed, follows=True, key=INPUT
        )
        self._show: Task[Capture] = Task(client, SHOW, self._take, self._show_failed, follows=True, key=SHOW)

    @property
    def waiting(self) -> bool:
        """Whether something is still to come."""
        return self._model.waiting or self._input.waiting or self._show.waiting

    @property
    def asked_input(self) -> InputRef | None:
        """The input that was asked for last."""
        asked = self._input.request
        return asked.ref if isinstance(asked, OpenInput) else None

    # --- asked for ---

    def open_model(self, spec: ModelSpec | None, trust_code: bool = False, allow_download: bool = False) -> None:
        """None: what the weights at hand allow."""
        self._model.ask(OpenModel(spec, trust_code, allow_download, self.picture))

    def cancel_model(self) -> None:
        """The model that is being opened is not wanted any more."""
        if self._model.drop():
            self.ended.emit()

    def set_preprocess(self, preprocess: AnyPreprocess) -> None:
        """The open model under another preprocessing."""
        if self.card is not None:
            self._model.ask(Reopen(self.card.digest, preprocess, picture=self.picture))

    def set_reading(self, output: str, probabilities: Probabilities) -> None:
        """Another way of reading the class vector."""
        if self.card is not None and (self.card.spec.output, self.card.spec.probabilities) != (output, probabilities):
            self._model.ask(Reopen(self.card.digest, None, output, probabilities, self.picture))

    def open_input(self, ref: InputRef, pixels: Array | None = None, name: str = "") -> None:
        """An input by its reference; `pixels` of one that is in no file."""
        self._due = True
        self._input.ask(OpenInput(ref, self.card.digest if self.card is not None else "", pixels, name))

    def capture(self) -> None:
        """The forward of the open input through the open model, where that takes such inputs."""
        if self.card is not None and self.picture is not None and not takes(self.card.preprocess, self.picture):
            self.unfit.emit(self._last)
        elif self.card is not None and self.picture is not None:
            self._show.ask(
                CapturePicture(self.card.digest, self.picture, self.picture.digest, model_name=self.card.name)
            )

    def recompute(self, capture: Capture, names: tuple[str, ...]) -> None:
        """Values that were dropped for the byte budget."""
        self._show.ask(Recompute(capture, capture.number, names))

    # --- what comes ---

    def _take(self, value: Opened | Input | Capture, done: bool) -> None:
        if isinstance(value, Opened):
            self._take_model(value, done)
        elif isinstance(value, Picture | Sound | Text):
            self._take_picture(value, done)
        else:
            self._captured = value.model, value.picture.digest
            self.capture_came.emit(value)

    def _take_model(self, opened: Opened, done: bool) -> None:
        card = opened.card
        if self.card is None or self.card.spec.id != card.spec.id or self.own_preprocess is None:
            self.own_preprocess = card.preprocess
        self.card, self._last = card, MODEL
        self.model_came.emit(opened)
        asked = self._model.request
        brings = not done and asked is not None and getattr(asked, "picture", None) is self.picture
        if brings:
            self._model.saying = tr("A forward of {card}", card=card.name)
        elif not self._due:
            self.capture()

    def _take_picture(self, picture: Input, done: bool) -> None:
        self.picture, self._due, self._last = picture, False, INPUT
        self.input_came.emit(picture)
        asked = self._input.request
        brings = not done and isinstance(asked, OpenInput) and self.card is not None and asked.model == self.card.digest
        if not brings:
            self.capture()
        elif self.card is not None:
            self._input.saying = tr("A forward of {card}", card=self.card.name)

    def _told(self, progress: Progress) -> None:
        self.progressed.emit(progress)

    def _ended(self) -> None:
        self.ended.emit()

    def _model_failed(self, failure: Failure) -> None:
        self.failed.emit(MODEL, failure)

    def _input_failed(self, failure: Failure) -> None:
        self._due = False
        self.failed.emit(INPUT, failure)
        open_now = (self.card, self.picture)
        if open_now[0] and open_now[1] and self._captured != (open_now[0].digest, open_now[1].digest):
            self.capture()  # a model that has come meanwhile was waiting for it

    def _show_failed(self, failure: Failure) -> None:
        self.failed.emit(SHOW, failure)

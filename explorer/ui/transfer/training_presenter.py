"""Keeps the page of fine-tuning in step with the model, the data set and the settings; trains, pauses, goes on, gives away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from explorer.core.activations import Capture
from explorer.core.errors import Failure
from explorer.core.probe import Confusion
from explorer.core.session.session import Session
from explorer.core.transfer import (
    FindTraining,
    FinishTraining,
    ForgetTraining,
    Phase,
    Train,
    Trainable,
    Training,
    TransferParams,
    TransferTarget,
)
from explorer.core.translation import tr
from explorer.ui.jobs.client import Task
from explorer.ui.transfer import training_words as words
from explorer.ui.transfer.asked_training import NAME, AskedTraining
from explorer.ui.transfer.freeze_control import FreezeControl, FreezeView
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.learnt_copy import LearntCopy

_NOT_BEGUN = tr("Stopped before the first epoch: the next training starts from the beginning.")
_INTERRUPTED = tr("The training was interrupted: Resume goes on from where it was kept.")


class TrainingPage(Protocol):
    """What the presenter needs of a page: `TrainingPanel`, or in a test a plain object."""

    toggled: SignalInstance
    stopped: SignalInstance
    anew: SignalInstance
    params_changed: SignalInstance
    compared: SignalInstance
    opened: SignalInstance
    saved: SignalInstance
    copied: SignalInstance

    @property
    def params(self) -> TransferParams: ...
    def set_params(self, params: TransferParams) -> None: ...
    def set_training(self, training: Training | None, running: bool) -> None: ...
    def set_status(self, said: str) -> None: ...
    def say(self, message: str) -> None: ...


class TrainingPresenter(QObject):
    """`matrix_shown` carries the Confusion of the training that is shown, or None.

    A training belongs to its target: while one runs it is shown and the settings are locked, whatever is opened meanwhile. With
    other settings, another model or data set the page shows what is kept of that, or an invitation to train.
    """

    matrix_shown = Signal(object)

    def __init__(self, lab: Lab, view: TrainingPage, strip: FreezeView) -> None:
        super().__init__(lab)
        self._lab, self.view, client = lab, view, lab.host.client
        self._task: Task[Any] = Task(client, "training", self._take, self._fail, ended=self._end)
        self._kept: Task[Training | None] = Task(client, "kept training", self._take_kept, self._fail, ended=self._draw)
        self._asked = AskedTraining(lab, self)
        self.freezing, self.copy = FreezeControl(lab, strip, self), LearntCopy(lab, view.set_status, self)
        self.target: TransferTarget | None = None  # of what is shown
        self.training: Training | None = None  # what is shown
        self._failure = ""
        self._matrix: Confusion | None = None  # that was told last
        for signal, do in (
            (view.toggled, self.toggle),
            (view.stopped, self.stop),
            (view.anew, self.start_again),
            (view.params_changed, self._change_params),
            (view.compared, self.copy.compare),
            (view.opened, self.copy.open),
            (view.saved, self.copy.save),
            (view.copied, self.copy.copy_command),
            (lab.data_changed, self._turn),
            (lab.model_changed, self._turn),
            (self._asked.changed, self._turn),
            (self.freezing.frozen, self._freeze),
        ):
            signal.connect(do)
        lab.moved.connect(self._follow)
        lab.host.captured.connect(self._captured)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting or self._kept.waiting or self._asked.models.waiting or self.copy.waiting

    @property
    def running(self) -> bool:
        """Whether a copy learns now."""
        return self._task.waiting

    def start(self) -> None:
        """The workspace comes to the front."""
        self._asked.models.forget_refusals()
        self.freezing.show_capture()
        self._turn()
        self._draw()

    def finish(self) -> None:
        """Stops for good; what runs is paused, and goes on after the next start."""
        self._task.close()
        self._kept.close()
        for part in (self._asked.models, self.copy, self.freezing):
            part.finish()

    # --- what there is ---

    @property
    def _front(self) -> bool:
        return self._lab.host.session.workspace == NAME

    def _turn(self) -> None:
        """Shows what is kept of the model, the data set and the settings. What runs is shown until it ends."""
        if self.running or not self._front:
            return
        card, target = self._lab.card, self._asked.target
        self.view.say(self._asked.why_not())
        self.view.set_params(self._asked.params)
        if target != self.target:
            self.target, self.training, self._failure = target, None, ""
            self.copy.set_target(target, card.spec if card is not None else None)
            self._kept.drop()
            if target is not None:
                self._kept.ask(FindTraining(target))
        self._draw()

    def _take_kept(self, found: Training | None, _done: bool) -> None:
        self.training = found  # `_draw` comes next

    def _draw(self) -> None:
        shown, running = self.training, self.running
        self.copy.learnt = shown.learnt if shown is not None else None
        self.view.set_training(shown, running)
        if self._failure and not running:
            self.view.set_status(self._failure)
        result = shown.result if shown is not None else None
        self.freezing.show(*self._frozen, result, running)
        matrix = result.confusion if result is not None else None
        if matrix is not self._matrix:
            self._matrix = matrix
            self.matrix_shown.emit(matrix)

    @property
    def _frozen(self) -> tuple[Trainable | None, str]:
        """What is known of the model in Explore, None while another one learns; and up to which layer is frozen."""
        target, of = self.target, self._asked.trainable
        if not self.running or target is None:
            return of, self._asked.params.freeze
        return of if of is not None and of.model == target.model else None, target.params.freeze

    # --- following ---

    def _captured(self, _capture: Capture) -> None:
        """Another input, or the first one of a model."""
        if self._front:
            self.freezing.show_capture()
            self._turn()

    def _follow(self, old: Session, new: Session) -> None:
        if old.tap != new.tap:
            self.freezing.show_tap()
        if dict(old.methods).get(NAME) != dict(new.methods).get(NAME):
            self._turn()

    def _change_params(self) -> None:
        self._asked.set_params(self.view.params)

    def _freeze(self, tap: str) -> None:
        if not self.running:
            self._asked.set_params(replace(self._asked.params, freeze=tap))

    # --- training ---

    def toggle(self) -> None:
        """Starts, pauses, or goes on."""
        if self.running:
            self.pause()
        elif self.target is not None and (self.training is None or not self.training.done):
            self._begin(Train(self.target))

    def pause(self) -> None:
        """It goes on from here when it is wanted."""
        if self._task.drop():
            shown = self.training
            begun = shown is not None and bool(shown.epochs)
            self.training = replace(shown, phase=Phase.PAUSED) if shown is not None and begun else None
            self._failure = "" if begun else _NOT_BEGUN
            self._turn()

    def stop(self) -> None:
        """Ends it with the best epoch so far."""
        if self.target is not None and self.training is not None and self.training.epochs and not self.training.done:
            self._begin(FinishTraining(self.target))

    def start_again(self) -> None:
        """Throws away what was learnt, and trains from the start."""
        if self.target is not None and not self.running:
            self.training = None
            self._begin(ForgetTraining(self.target))

    def _begin(self, request: Any) -> None:
        """All under one key: each begins when the one whose place it takes has been kept."""
        self._kept.drop()
        self._failure = ""
        self._task.ask(request)
        self._draw()

    def _take(self, now: Training, done: bool) -> None:
        before = self.training
        if before is not None and before.epochs and not now.epochs:  # it goes on: nothing is read yet
            now = replace(before, phase=now.phase, fraction=now.fraction)
        self.training = now
        self.copy.learnt = now.learnt
        if self._front and not done:
            self._draw()

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        if isinstance(self._task.request, ForgetTraining) and not self._failure and self.target is not None:
            self._begin(Train(self.target))
            return
        shown, front = self.training, self._front
        if shown is not None and shown.done:
            if not front:
                self._lab.host.say(words.done_words(shown))
        elif self.target is not None:  # it failed, or the engine has stopped it: what is kept of it is shown
            if not self._failure:
                self._lab.host.say(_INTERRUPTED)
            self.training = None
            self._kept.ask(FindTraining(self.target))
        self._turn()
        if not front:
            self._draw()

    # --- commands ---

    def why_not_toggle(self) -> str:
        """Why nothing can be trained now; "" where it can."""
        if self.target is None:
            return self._asked.why_not()
        done = self.training is not None and self.training.done
        return tr("These settings have been trained: change one, or start again.") if done else ""

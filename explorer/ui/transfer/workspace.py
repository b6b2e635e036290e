"""The Transfer workspace with everything behind it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage
from explorer.ui.actions import Action
from explorer.ui.added_workspaces import WorkspaceHost, WorkspaceView
from explorer.ui.transfer.classes_presenter import ClassesPresenter
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.mistakes_presenter import MistakesPresenter
from explorer.ui.transfer.probe_presenter import ProbePresenter
from explorer.ui.transfer.training_presenter import TrainingPresenter
from explorer.ui.transfer.view import TransferView


class TransferWorkspace(WorkspaceView):
    """Reads nothing before it comes to the front for the first time."""

    def __init__(self, host: WorkspaceHost, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self.lab, self.view = Lab(host, self), TransferView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        view = self.view
        self.classes = ClassesPresenter(self.lab, view.classes)
        self.mistakes = MistakesPresenter(self.lab, view.mistakes)
        self.probe = ProbePresenter(self.lab, view.layers, view.pictures, self.mistakes)
        self.training = TrainingPresenter(self.lab, view.training, view.strip)
        self.training.matrix_shown.connect(self.mistakes.show_training)
        self._parts = (self.classes, self.probe, self.training)
        view.paged.connect(self._turn)
        self.lab.moved.connect(self._follow)

    def _turn(self, page: TransferPage) -> None:
        self.lab.move(page=page)

    def _follow(self, old: Session, new: Session) -> None:
        if old.transfer.page is not new.transfer.page:
            self.view.show_page(new.transfer.page)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.mistakes.waiting or any(part.waiting for part in self._parts)

    def start(self) -> None:
        self.view.show_page(self.lab.place.page)
        for part in self._parts:
            part.start()

    def take_paths(self, paths: Sequence[str]) -> bool:
        return self.classes.take_paths(paths)

    def own_actions(self) -> tuple[Action, ...]:
        return tuple(action for part in self._parts for action in part.own_actions())

    def finish(self) -> None:
        self.mistakes.close()
        for part in self._parts:
            part.finish()

"""The Transfer workspace with everything behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.method_figure import figure_of
from explorer.core.figure.workspace_figures import classes_figure, confusion_figure, training_figure
from explorer.core.guides.result_values import LastValues, flattened
from explorer.core.method import Measured
from explorer.core.params import plain, restored
from explorer.core.probe import Probe, ProbeParams, measured_counts, measured_probe
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage
from explorer.core.transfer import TransferParams
from explorer.core.translation import tr
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
        view, self.spots = self.view, self.view.spots
        self.classes = ClassesPresenter(self.lab, view.classes)
        self.mistakes = MistakesPresenter(self.lab, view.mistakes)
        self.probe = ProbePresenter(self.lab, view.layers, view.pictures, self.mistakes)
        self.training = TrainingPresenter(self.lab, view.training, view.strip)
        self.training.matrix_shown.connect(self.mistakes.show_training)
        self._parts = (self.classes, self.probe, self.training)
        self._values: dict[str, LastValues] = {}  # what guides ask for twice a second
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

    def known(self) -> Mapping[str, Measured]:
        found: dict[str, Measured] = {}
        for name, question in (("probe", self.probe.by_layer), ("probe-pictures", self.probe.by_count)):
            result = question.result
            if result is not None and result.final and not question.waiting:
                count = self.probe.count
                said = measured_probe(result, count) if name == "probe" else measured_counts(result)
                found[name] = {**self._told(name, result, self.probe.spec.to_json), **said}
        training = self.training.training
        if training is not None and training.result is not None:
            found["training"] = self._told("training", training.result, type(training.result).to_json)
        return found

    def _told(self, name: str, result: Any, to_json: Callable[[Any], Mapping[str, Any]]) -> Measured:
        """What its JSON tells, made once for a result."""
        return self._values.setdefault(name, LastValues()).of(result, lambda: flattened(to_json(result)))

    def compute(self, method: str, params: Mapping[str, Any]) -> bool:
        kinds: dict[str, tuple[str, type[Any]]] = {
            "probe": ("probe", ProbeParams),
            "probe-pictures": ("probe", ProbeParams),
            "training": ("transfer", TransferParams),
        }
        if method not in kinds:
            return False
        if params:
            name, kind = kinds[method]
            self.lab.set_params(name, restored(kind, {**plain(self.lab.params(name, kind)), **params}))
        elif method == "training":
            if not self.training.running and (self.training.training is None or not self.training.training.done):
                self.training.toggle()
        elif method not in self.known():
            question = self.probe.by_layer if method == "probe" else self.probe.by_count
            if not question.waiting:
                question.run()
        return True

    def start(self) -> None:
        self.view.show_page(self.lab.place.page)
        for part in self._parts:
            part.start()

    def take_paths(self, paths: Sequence[str]) -> bool:
        return self.classes.take_paths(paths)

    def figures(self) -> tuple[tuple[QWidget, Callable[[], FigureDescription | None]], ...]:
        view = self.view
        return (
            (view, self._page_figure),
            (view.layers, self._layers_figure),
            (view.pictures, self._counts_figure),
            (view.training, self._training_figure),
            (view.classes, self._classes_figure),
            (view.mistakes, self._mistakes_figure),
        )

    def _page_figure(self) -> FigureDescription | None:
        makes = {TransferPage.PICTURES: self._counts_figure, TransferPage.TRAINING: self._training_figure}
        return makes.get(self.lab.place.page, self._layers_figure)()

    def _layers_figure(self) -> FigureDescription | None:
        return self._probe_figure(self.probe.by_layer.result)

    def _counts_figure(self) -> FigureDescription | None:
        return self._probe_figure(self.probe.by_count.result)

    def _probe_figure(self, result: Probe | None) -> FigureDescription | None:
        return None if result is None else figure_of(self.probe.spec, result, FigureSubject(card=self.lab.card))

    def _classes_figure(self) -> FigureDescription | None:
        return None if self.lab.data is None else classes_figure(self.lab.data)

    def _training_figure(self) -> FigureDescription | None:
        card, training = self.lab.card, self.training.training
        return None if training is None else training_figure(training, card.name if card is not None else tr("a copy"))

    def _mistakes_figure(self) -> FigureDescription | None:
        found = self.mistakes.shown
        return None if found is None else confusion_figure(found, self.view.mistakes.about.text())

    def finish(self) -> None:
        self.mistakes.close()
        for part in self._parts:
            part.finish()

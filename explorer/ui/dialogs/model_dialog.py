"""Open a model: one that has a name, or one from a Python file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import is_program, program_of
from explorer.core.translation import tr
from explorer.core.weight_matches import WeightMatch
from explorer.engine.models.base import CatalogueEntry, parse_id
from explorer.engine.models.extras import HF
from explorer.engine.models.hf_folder import CONFIG
from explorer.engine.models.weights.locate import OPENED
from explorer.ui import theme
from explorer.ui.dialogs.fit_list import FitList
from explorer.ui.dialogs.model_list import ModelList
from explorer.ui.dialogs.parts import (
    NEW_WEIGHTS_FILTER,
    PROGRAM_FILTER,
    Dialog,
    choose_file,
    choose_folder,
    choose_new_file,
    is_file,
)
from explorer.ui.dialogs.python_page import PythonPage
from explorer.ui.dialogs.weights_choice import Way, WeightsChoice
from explorer.ui.incoming import Incoming, classify, local_paths
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest

_NAMES, _PYTHON = 0, 1


class ModelDialog(Dialog):
    """`current` is the model that is open, where the dialog starts. After `exec` said yes: `spec` and `allow_download`.

    `more` finds what the search asks for beyond `entries`. `weights_given` carries a file of weights that was dropped or chosen:
    `show_match` says what it fits. `extraction_asked` carries the file of a whole model and where its weights are to go.
    """

    weights_given = Signal(str)
    extraction_asked = Signal(str, str)

    def __init__(
        self,
        entries: Sequence[CatalogueEntry],
        current: ModelSpec | None = None,
        parent: QWidget | None = None,
        more: Callable[[str], Sequence[CatalogueEntry]] | None = None,
    ) -> None:
        super().__init__(tr("Open a model"), tr("Open"), parent)
        self._entries, self._current = tuple(entries), current
        self.models = ModelList(entries, more=more)
        self.weights = WeightsChoice()
        self.fits = FitList()
        self._matched = ""  # the file that was asked about
        self._was = ""  # the model when it was
        self.python = PythonPage()
        self.pages = QStackedWidget()
        self.tabs = QButtonGroup(self)
        self._weights_panel = Frame(tr("Weights"))
        self._build()
        self._start()
        self.setAcceptDrops(True)
        self.resize(1120, 640)

    def _build(self) -> None:
        switch = QHBoxLayout()
        switch.setSpacing(theme.current().tight)
        for at, text in enumerate((tr("By &name"), tr("&Python file"))):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setAutoDefault(False)
            self.tabs.addButton(button, at)
            switch.addWidget(button)
        switch.addStretch(1)
        switch.addWidget(self._program_button())
        switch.addWidget(self._folder_button())
        names = QWidget()
        row = QHBoxLayout(names)
        row.setContentsMargins(0, 0, 0, 0)
        left = Frame(tr("Models"))
        left.add(self.models, 1)
        self._weights_panel.add(self.weights, 1)
        self._weights_panel.add(self.fits)
        row.addWidget(left, 5)
        row.addWidget(self._weights_panel, 2)
        self.pages.addWidget(names)
        self.pages.addWidget(self.python)
        nest(self.body, switch)
        self.body.addWidget(self.pages, 1)
        self.tabs.idClicked.connect(self.show_page)
        self.models.moved.connect(self._moved)
        self.models.activated.connect(self._go_on)
        self.models.stopped.connect(self._stopped)
        self.weights.changed.connect(self._judge)
        self.weights.file.changed.connect(self._ask_match)
        self.fits.chosen.connect(self._choose_fit)
        self.fits.extract.connect(self._ask_extraction)
        self.python.changed.connect(self._judge)

    def _folder_button(self) -> QPushButton:
        button = self.folder = QPushButton(tr("Model f&older …"))
        button.setAutoDefault(False)
        button.setEnabled(not HF.way)
        says = tr("A folder with config.json and weights, as transformers saves a model")
        button.setToolTip(tr("{says}. transformers is not installed: {way}", says=says, way=HF.way) if HF.way else says)
        button.clicked.connect(self._ask_folder)
        return button

    def _program_button(self) -> QPushButton:
        button = self.program = QPushButton(tr("E&xported program …"))
        button.setAutoDefault(False)
        button.setToolTip(
            tr(
                "A .pt2 file, as torch.export.save writes a model with its weights, or an .onnx file; nothing in them is run"
            )
        )
        button.clicked.connect(self._ask_program)
        return button

    def _ask_program(self) -> None:
        self.take_program(choose_file(self, tr("Choose an exported program"), "", PROGRAM_FILTER))

    def take_program(self, path: str) -> None:
        """Fills in a program of torch.export or an ONNX model that was chosen or dropped, "" for none."""
        if path:
            self.show_page(_NAMES)
            self.models.search.setText(f"{program_of(path) or 'pt2'}:{path}")

    def _ask_folder(self) -> None:
        self.take_folder(choose_folder(self, tr("Choose a model folder")))

    def take_folder(self, path: str) -> None:
        """Fills in a folder that was chosen or dropped, "" for none."""
        if path:
            self.show_page(_NAMES)
            self.models.search.setText(f"hf:{path}")

    def _start(self) -> None:
        spec, page = self._current, _NAMES
        if spec is not None:
            full = _full_id(spec.id)
            if full.startswith("file:"):
                page = _PYTHON
                self.python.set_from(spec)
            elif self.models.select(full) or self.models.look_up(full):
                self.weights.set_from(spec)
        self.show_page(page)

    # ---- what was chosen

    @property
    def spec(self) -> ModelSpec:
        """What to open. A preprocessing that the person has changed stays as long as model and weights do."""
        if self._page == _PYTHON:
            made = self.python.spec()
        else:
            entry = self.models.current
            made = self.weights.spec(entry.id if entry else "")
        old = self._current
        if old is not None and replace(old, id=_full_id(old.id), preprocess=None) == made:
            made = replace(made, preprocess=old.preprocess)
        return made

    @property
    def allow_download(self) -> bool:
        return self._page == _NAMES and self.weights.way is Way.DOWNLOAD

    # ---- inside

    @property
    def _page(self) -> int:
        return self.pages.currentIndex()

    def show_page(self, page: int) -> None:
        """0: by name, 1: Python file."""
        self.pages.setCurrentIndex(page)
        self.tabs.button(page).setChecked(True)
        (self.models.search if page == _NAMES else self.python.file).setFocus(Qt.FocusReason.OtherFocusReason)
        self._judge()

    def _moved(self) -> None:
        entry = self.models.current
        self.weights.set_entry(entry)
        self.fits.show_model(entry.id if entry else "")
        self._weights_panel.set_title(
            tr("Weights of {entry_title}", entry_title=entry.title) if entry and not entry.lacks else tr("Weights")
        )
        self._judge()

    def _judge(self) -> None:
        self.judge(*self._problem())

    def _problem(self) -> tuple[str, bool]:
        if self._page == _PYTHON:
            return self.python.problem()
        misfit = self._misfit()
        if misfit:
            return misfit, True
        if self.models.current is None:
            given = Path(self.weights.file.path).name
            return tr("Choose the model that {given} belongs to.", given=given) if given else tr(
                "Choose a model."
            ), False
        return self.weights.problem()

    # ---- what a file of weights fits

    def _ask_match(self, path: str) -> None:
        """Another file was chosen, or is being typed."""
        if path == self._matched:
            return
        self._matched = path if is_file(path) and path.lower().endswith(OPENED) else ""
        self.fits.clear()
        if self._matched:
            entry = self.models.current
            self._was = entry.id if entry is not None else ""
            self.weights_given.emit(self._matched)

    def show_matching(self, words: str, extractable: bool = False) -> None:
        """How far the comparison is, or why there is none; of a whole model its weights can be read."""
        self.fits.say(words, extractable)

    def _ask_extraction(self) -> None:
        path = Path(self._matched)
        out = choose_new_file(
            self, tr("Write the weights to"), str(path.with_suffix(".safetensors")), NEW_WEIGHTS_FILTER
        )
        if out:
            self.extraction_asked.emit(self._matched, out)

    def show_extracted(self, path: str) -> None:
        """The plain file takes the place of the whole model."""
        self.weights.set_file(path)

    def show_match(self, match: WeightMatch) -> None:
        """What the file fits. The best is chosen, unless the chosen model fits too or the person has gone to another one."""
        self.fits.show_match(match)
        entry = self.models.current
        now, opening = entry.id if entry is not None else "", [fit.id for fit in match.opening]
        if opening and now not in opening and now == self._was:
            self._choose_fit(opening[0])
        self._moved()

    def _choose_fit(self, model_id: str) -> None:
        if not self.models.select(model_id):
            self.models.search.clear()
            if not self.models.select(model_id):
                self.models.look_up(model_id)
        self.weights.choose(Way.FILE)

    def _misfit(self) -> str:
        """Why the chosen file does not open as the chosen model, as far as it was compared with it."""
        entry = self.models.current
        if entry is None or self.weights.way is not Way.FILE or self.weights.file.path != self._matched:
            return ""
        problem = self.fits.problem(entry.id)
        return (
            tr(
                "{name} does not fit {entry_title}. {problem}",
                name=Path(self._matched).name,
                entry_title=entry.title,
                problem=problem,
            )
            if problem
            else ""
        )

    def _go_on(self) -> None:
        if self.ok.isEnabled():
            self.accept()

    def _stopped(self) -> None:
        """Enter in the search line while something is missing: the focus goes to where it can be said."""
        possible = self.weights.possible()
        if not self.ok.isEnabled() and self.models.current is not None and possible:
            self.weights.buttons[self.weights.way or possible[0]].setFocus(Qt.FocusReason.TabFocusReason)

    # ---- drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = local_paths(event.mimeData())
        dropped = classify(paths)
        if dropped.weights or dropped.python or _model_folder(paths) or _program(dropped):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.take_files(local_paths(event.mimeData()))
        event.acceptProposedAction()

    def take_files(self, paths: Sequence[str]) -> None:
        """Fills in a Python file and a weight file that were dropped here or on the window."""
        dropped = classify(paths)
        self.take_folder(_model_folder(paths))
        self.take_program(_program(dropped))
        if dropped.python:
            self.python.file.set_path(dropped.python[0])
            self.show_page(_PYTHON)
        if dropped.weights:
            self._take_weights(dropped.weights[0])

    def _take_weights(self, path: str) -> None:
        if self._page == _PYTHON:
            self.python.weights.set_path(path)
            return
        if self.models.current is None:
            self.models.select(named_like(path, self._entries))
        self.weights.set_file(path)
        if self.models.current is None:
            self.weights.set_entry(None)
        self._judge()


def named_like(path: str, entries: Sequence[CatalogueEntry]) -> str:
    """Id of the model that a weight file is named after (mobilenet_v2-7ebf99e0.pth), "" when there is none."""
    stem = Path(path).stem.lower()
    named = [(entry, entry.id.partition(":")[2].lower()) for entry in entries]
    fits = [
        (entry, name) for entry, name in named if name and (stem == name or stem.startswith((f"{name}-", f"{name}_")))
    ]
    return max(fits, key=lambda fit: len(fit[1]))[0].id if fits else ""


def _program(dropped: Incoming) -> str:
    """The first program of torch.export or ONNX model among the files, "" when there is none."""
    return next(filter(is_program, dropped.models), "")


def _model_folder(paths: Sequence[str]) -> str:
    """The first folder among these that holds a model of transformers, "" when none does."""
    return next((path for path in paths if is_file(str(Path(path) / CONFIG))), "") if not HF.way else ""


def _full_id(text: str) -> str:
    try:
        named = parse_id(text)
    except ExplorerError:
        return text
    return f"{named.source}:{named.name}"

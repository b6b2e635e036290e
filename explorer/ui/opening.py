"""Opening and saving what a person names, drops, pastes or chooses: models, pictures, folders, sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import program_of
from explorer.core.translation import tr
from explorer.core.weight_matches import WHOLE_MODEL, ExtractedWeights, ExtractWeights, MatchWeights, WeightMatch
from explorer.engine.inputs import file_ref, file_suffixes
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.jobs.client import Task
from explorer.ui.notices import failure_of
from explorer.ui.session_files import SessionFiles

_INPUTS = tr("Pictures, videos, sounds, texts")


class Opening:
    """Asks where something has to be asked, and hands it to the controller."""

    def __init__(self, controller: Controller) -> None:
        self.controller, self.window = controller, controller.window
        self.sessions = SessionFiles(controller, self.agreed)
        self.open_session = self.sessions.open

    def own_actions(self) -> tuple[Action, ...]:
        """Opening, saving a session, pasting."""
        folder, pasted = (
            tr("The first picture of a folder; N and P go through it"),
            tr("A picture, or the paths of files"),
        )
        model, here = tr("By name, from a weights file or from your own Python file"), "File/Open"
        other = tr("A weight file for the architecture that is open")
        return (
            Action("file.open", tr("Open input …"), self.choose_input, ("Ctrl+O",), here),
            Action("file.folder", tr("Open folder …"), self.choose_folder, (), here, about=folder),
            *self.sessions.own_actions(),
            Action("input.paste", tr("Paste"), self.paste, ("Ctrl+V",), "Edit/Paste", about=pasted),
            Action("input.video", tr("Video file …"), self.choose_video, (), "Input/Live"),
            Action(
                "model.choose", tr("Another model …"), self.choose_model, ("Ctrl+M",), "Model/Open", "explore", model
            ),
            Action(
                "model.weights",
                tr("Same architecture, other weights …"),
                self.open_weights,
                (),
                "Model/Open",
                "explore",
                other,
                why_not=lambda: self.why_no_weights(self.controller.session.model),
            ),
        )

    # --- models ---

    def open_model(self, spec: ModelSpec, allow_download: bool = False) -> None:
        """Opens a model; asks first when it is a Python file that has not been agreed to."""
        if self.agreed(spec):
            self.controller.open_model(spec, allow_download=allow_download)

    def agreed_already(self, spec: ModelSpec) -> bool:
        """Whether a model opens without a question."""
        return not self._question(spec)

    def agreed(self, spec: ModelSpec) -> bool:
        """Whether the model may be opened, asking where that has to be asked."""
        question = self._question(spec)
        if question is None:
            return True
        from explorer.engine.models import Consent
        from explorer.ui.dialogs.consent import ask_consent

        path, digest = question
        if not digest or not ask_consent(path, digest, self.window):
            return False
        try:
            Consent().grant(path, digest)
        except ExplorerError as error:  # said once the model is being opened
            QTimer.singleShot(0, self.window, lambda error=error: self._fail(error))
        return True

    def _question(self, spec: ModelSpec) -> tuple[Path, str] | None:
        """The file and the hash of its content that must be agreed to; an empty hash when it cannot be read."""
        from explorer.engine.models import Consent
        from explorer.engine.models.base import parse_file
        from explorer.engine.models.card_file import running

        try:
            named = running(spec.id)
            if named.source != "file" or self.controller.trusts(spec):
                return None
            path = parse_file(named.name)[0]
            digest = Consent().needs_consent(path)
        except ExplorerError as error:
            self._fail(error)
            return Path(), ""
        return None if digest is None else (path, digest)

    def _fail(self, error: ExplorerError) -> None:
        self.controller.fail(failure_of(error))

    # --- files ---

    def open_paths(self, paths: list[str]) -> None:
        """Files or folders that were dropped, pasted or named: pictures, videos, models, weights, Python files, sessions."""
        from explorer.engine.models.unknown_file import other_program
        from explorer.ui.incoming import classify

        found = classify(paths)
        if found.sessions:
            self.open_session(Path(found.sessions[0]))
        elif found.indexes and "dataset" in self.controller.views:
            self.controller.show_workspace("dataset")
            self.controller.views["dataset"].take_paths(found.indexes)
        elif found.python or found.weights:
            self.controller.show_workspace("explore")
            self.choose_model([*found.python[:1], *found.weights[:1]])
        elif found.models:
            self.controller.show_workspace("explore")
            self.open_model(_saved_model(found.models[0]))
        elif found.pictures or found.videos:
            first = (*found.pictures, *found.videos)[0]
            self.controller.open_input(file_ref(first))
        elif found.folders:
            self.open_folder(Path(found.folders[0]))
        elif found.unknown:
            # the content decides, not the name
            if (other := other_program(Path(found.unknown[0]))) is not None:
                self._fail(other)
                return
            self.controller.open_input(InputRef("picture", str(found.unknown[0])))

    def open_dropped(self, paths: list[str]) -> None:
        """What was let go over the window: a workspace of the catalogue that is in front may take it."""
        front = self.controller.views.get(self.window.workspace)
        if front is None or not front.take_paths(paths):
            self.open_paths(paths)

    def open_in_column(self, key: int, paths: list[str]) -> None:
        """The same for files that were let go over a column of Compare: they are about that column alone."""
        from explorer.ui.incoming import classify

        found, compare = classify(paths), self.controller.compare
        inputs = (*found.pictures, *found.videos)
        if found.sessions:
            self.open_session(Path(found.sessions[0]))
        elif found.indexes:
            self.open_paths(paths)
        elif found.python or found.weights:
            now = compare.doc.column(key).model if not found.python else None

            def take(spec: ModelSpec, allow_download: bool) -> None:
                if self.agreed(spec):
                    compare.set_model(key, spec, allow_download)

            self.choose_model([*found.python[:1], *found.weights[:1]], now, take)
        elif found.models:
            compare.set_model(key, _saved_model(found.models[0]))
        elif inputs:
            compare.set_input(key, file_ref(inputs[0]))
        elif found.folders:
            if (first := self._first_of(Path(found.folders[0]))) is not None:
                compare.set_input(key, first)
        elif found.unknown:
            compare.set_input(key, InputRef("picture", found.unknown[0]))

    def open_folder(self, folder: Path) -> None:
        if (first := self._first_of(folder)) is not None:
            self.controller.open_input(first)

    def _first_of(self, folder: Path) -> InputRef | None:
        from explorer.engine.inputs.folder import list_folder
        from explorer.engine.models.unknown_file import other_program

        try:
            files = list_folder(folder)
            if not files:
                raise other_program(folder) or _empty(folder)
        except ExplorerError as error:
            self._fail(error)
            return None
        return file_ref(files[0])

    def choose_input(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Open input"), self._folder(), _input_filter())
        if path:
            self.open_paths([path])

    def choose_column_input(self, key: int) -> None:
        """A picture for one column of Compare alone."""
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Open input"), self._folder(), _input_filter())
        if path:
            self.controller.compare.set_input(key, file_ref(path))

    def choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self.window, tr("Open folder"), self._folder())
        if path:
            self.open_paths([path])

    def choose_video(self) -> None:
        filters = tr("Videos (*.mp4 *.mov *.mkv *.avi *.webm *.ts *.m4v);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Open video"), self._folder(), filters)
        if path:
            self.controller.play_input(InputRef("video", path))

    def _folder(self) -> str:
        recent = self.controller.settings.recent("inputs")
        return str(Path(recent[0]).parent) if recent else ""

    def paste(self) -> None:
        """A picture or the paths of files from the clipboard."""
        from explorer.ui.incoming import from_clipboard

        found = from_clipboard(QGuiApplication.clipboard().mimeData())
        if found is None:
            self._fail(
                ExplorerError(tr("There is no picture on the clipboard."), "", tr("Copy a picture or a file first."))
            )
        elif isinstance(found, list):
            self.open_paths(found)
        else:
            self.controller.open_pixels(found, "clipboard")

    def choose_model(
        self,
        dropped: list[str] | None = None,
        now: ModelSpec | None = None,
        take: Callable[[ModelSpec, bool], None] | None = None,
    ) -> None:
        """The dialog, on the model `now`; what is chosen goes to `take`. Without both they are Explore's."""
        from explorer.engine.models import catalogue, more
        from explorer.ui.dialogs.model_dialog import ModelDialog

        self.controller.desk.read_names()
        dialog = ModelDialog(catalogue(), now or self.controller.session.model, self.window, more)
        matching: Task[WeightMatch] = Task(
            self.controller.client,
            "match weights",
            lambda match, _done: dialog.show_match(match),
            lambda failure: dialog.show_matching(failure.text, failure.type == WHOLE_MODEL),
            lambda progress: dialog.show_matching(f"{progress.text} …"),
        )
        extracting: Task[ExtractedWeights] = Task(
            self.controller.client,
            "extract weights",
            lambda made, _done: dialog.show_extracted(made.file),
            lambda failure: dialog.show_matching(failure.text),
        )
        dialog.extraction_asked.connect(lambda path, out: extracting.ask(ExtractWeights(path=path, out=out)))
        dialog.weights_given.connect(partial(_match, matching))
        dialog.take_files(dropped or [])
        chosen = dialog.exec()
        matching.close()
        extracting.close()
        if chosen:
            (take or self.open_model)(dialog.spec, dialog.allow_download)
        dialog.deleteLater()

    def open_weights(self) -> None:
        """Another file of weights for the architecture that is open in Explore."""
        if self.controller.session.model is not None:
            self.other_weights(self.controller.session.model, self.open_model)

    def other_weights(self, now: ModelSpec, take: Callable[[ModelSpec], object]) -> None:
        """Asks for a file of weights; the same architecture with it goes to `take`."""
        from explorer.ui.dialogs.parts import WEIGHTS_FILTER, choose_file

        path = choose_file(
            self.window, tr("Weights for {id}", id=now.id), str(Path(now.weights).parent), WEIGHTS_FILTER
        )
        if path:
            # what was chosen of input and output belongs to the architecture; an untrained one becomes a trained one
            take(replace(now, weights=path, untrained=False, seed=0))

    def why_no_weights(self, spec: ModelSpec | None) -> str:
        """Why no file of weights can be given to a model, "" where it can."""
        if spec is None:
            return tr("No model is open.")
        if spec.id.lower().startswith(("demo:", "card:", "pt2:", "onnx:")):
            return tr("This model has weights of its own. Choose an architecture with Another model.")
        return ""


def _saved_model(path: str) -> ModelSpec:
    """Of a folder as transformers saves a model, of the card of a learnt one, of an exported program or an ONNX model."""
    from explorer.engine.models.card_file import SUFFIX, spec_of_card

    if program := program_of(path):
        return ModelSpec(f"{program}:{Path(path).absolute()}")
    return spec_of_card(Path(path)) if path.lower().endswith(SUFFIX) else ModelSpec(f"hf:{path}")


def _empty(folder: Path) -> ExplorerError:
    """Of a folder that is neither one of pictures nor one of a model."""
    from explorer.engine.models.hf_folder import CONFIG, WEIGHTS

    has_config = (folder / CONFIG).is_file()
    lacks = (
        tr(
            "It has {config}, but neither {weights} nor {weights2} beside it.",
            config=CONFIG,
            weights=WEIGHTS[0],
            weights2=WEIGHTS[1],
        )
        if has_config
        else ""
    )
    what = tr("{folder} holds neither pictures nor a model.", folder=folder.name)
    todo = tr(
        "Choose a folder with PNG, JPEG or other pictures, or one with {config} and {weights}.",
        config=CONFIG,
        weights=WEIGHTS[0],
    )
    return ExplorerError(
        what, lacks or tr("No file directly in it is a picture, a video or a model's configuration."), todo
    )


def _match(matching: Task[WeightMatch], path: str) -> None:
    matching.ask(MatchWeights(path))


def _input_filter() -> str:
    """All that some kind of input opens, also one that a package brings."""
    return tr(
        "{inputs} ({list});;All files (*)",
        inputs=_INPUTS,
        list=" ".join(sorted(f"*{suffix}" for suffix in file_suffixes())),
    )

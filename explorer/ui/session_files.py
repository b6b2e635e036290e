"""Opening and saving sessions: files that name what they need, and bundles that hold it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from PySide6.QtWidgets import QFileDialog

from explorer import catalogue
from explorer.core.any_input import Input
from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError, Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.progress import Progress
from explorer.core.session import session as document
from explorer.core.session.bundle_manifest import SUFFIX
from explorer.core.session.bundle_requests import (
    BundleContents,
    OpenBundle,
    OpenedBundle,
    PlanBundle,
    SaveBundle,
    SavedBundle,
)
from explorer.core.session.named_files import NamedFile, located, relative_paths
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.engine.session_bundle.read import is_bundle
from explorer.engine.session_bundle.session_file import found, read_session, there, unpacked, whole_paths
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.jobs.client import Task
from explorer.ui.notices import failure_of
from explorer.ui.session_document import RECENT, SESSION_SUFFIX, SessionDocument

_SESSIONS = tr("Sessions (*{session_suffix} *{suffix})", session_suffix=SESSION_SUFFIX, suffix=SUFFIX)
_PLAIN, _BUNDLES = (
    tr("Sessions (*{session_suffix})", session_suffix=SESSION_SUFFIX),
    tr("Sessions with pictures (*{suffix})", suffix=SUFFIX),
)
_FOLDER = "session_folder"


class SessionFiles:
    """Lives as long as the window. `agreed` says whether a model may be opened, asking where that has to be asked."""

    def __init__(self, controller: Controller, agreed: Callable[[ModelSpec], bool]) -> None:
        self._c, self._agreed, self._window = controller, agreed, controller.window
        self.document = SessionDocument(self._window, controller.state, controller.settings, self.save)
        client = controller.client
        self._opening: Task[OpenedBundle] = Task(
            client, "open bundle", self._unpacked, self._c.fail, self._progress, self._over
        )
        self._planning: Task[BundleContents] = Task(client, "plan bundle", self._planned, self._c.fail)
        self._saving: Task[SavedBundle] = Task(
            client, "save bundle", self._bundled, self._failed, self._progress, self._over
        )
        self.ask_missing = self._locate
        self._step: Session | None = None  # of the history, that is being written
        self._wanted = ""  # the file that is being written
        controller.saved.connect(self._written)
        controller.failed.connect(lambda _failure: self.document.failed())
        self._window.banner.cancelled.connect(self.cancel)

    def own_actions(self) -> tuple[Action, ...]:
        """Those of the menu File."""
        place = "File/Session"
        with_pictures = tr("One file with inputs and models, which opens on another computer")
        here = tr("To its own file; asks for one the first time")
        return (
            Action("file.session", tr("Open session …"), self.choose, ("Ctrl+Shift+O",), place),
            Action("file.save_session", tr("Save session"), self.save, ("Ctrl+S",), place, about=here),
            Action("file.save_session_as", tr("Save session as …"), self.save_as, ("Ctrl+Shift+S",), place),
            Action(
                "file.save_bundle",
                tr("Save with pictures …"),
                self.save_bundle,
                (),
                place,
                about=with_pictures,
                why_not=lambda: "" if self._c.session.model is not None else tr("No model is open."),
            ),
        )

    @property
    def recent(self) -> list[str]:
        """Files that were opened or saved, the newest first."""
        return self._c.settings.recent(RECENT)

    @property
    def waiting(self) -> bool:
        """Whether a bundle is being opened or written."""
        return self._opening.waiting or self._planning.waiting or self._saving.waiting

    def cancel(self) -> None:
        """The bundle that is being opened or written is not wanted any more."""
        stopped = [task.drop() for task in (self._opening, self._saving)]
        if any(stopped):
            self._over()
            self.document.failed()

    # --- opening ---

    def choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Open session"), self._folder(), _SESSIONS)
        if path:
            self._c.settings.put(_FOLDER, str(Path(path).parent))
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """A session file or a bundle, by its content."""
        self._c.asked_anew()
        path = path.absolute()
        if is_bundle(path) or path.name.lower().endswith(SUFFIX):
            self._opening.ask(OpenBundle(str(path)))
            return
        try:
            session, relative = read_session(path)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
        else:
            self._arrive(path, session, relative)

    def _unpacked(self, opened: OpenedBundle, _done: bool) -> None:
        self._over()
        self._arrive(Path(opened.path), *unpacked(opened))

    def _arrive(self, path: Path, session: Session, relative: dict[str, str]) -> None:
        session, missing = found(path, session, relative)
        if missing:
            places = self.ask_missing(path.name, missing)
            if places is None:
                return
            session = located(session, places)
        if session.model is not None and not self._agreed(session.model):
            return
        columns = {column.model for column in session.comparison.columns if column.model is not None}
        for spec in columns - {session.model}:
            self._agreed(spec)  # what is not agreed to is said in its column
        self._c.restore(session)
        self.document.opened(str(path))

    def _locate(self, name: str, missing: Sequence[NamedFile]) -> dict[str, str] | None:
        """Where missing files are, by their paths in the session; None where the session is not to be opened."""
        from explorer.ui.dialogs.locate_dialog import LocateDialog

        dialog = LocateDialog(name, missing, there, self._window)
        chosen, places = dialog.exec(), dialog.places
        dialog.deleteLater()
        return places if chosen else None

    # --- saving ---

    def save(self) -> None:
        """To the file of the session; asks for one where there is none."""
        if not self.document.path:
            self.save_as()
        elif self.document.is_bundle:
            self._plan(self.document.path)
        else:
            self._write(self.document.path)

    def save_as(self) -> None:
        """Asks for a file."""
        start = self.document.path or str(Path(self._folder()) / "session")
        start = str(PurePath(start).with_name(f"{self.document.name or 'session'}{SESSION_SUFFIX}"))
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Save session"), start, _PLAIN)
        if not path:
            self.document.failed()
            return
        self._c.settings.put(_FOLDER, str(Path(path).parent))
        self._write(path if path.lower().endswith(".json") else f"{path}{SESSION_SUFFIX}")

    def _write(self, path: str) -> None:
        folder, session = str(Path(path).absolute().parent), whole_paths(self._c.whole_session())
        text = document.to_json(session, relative_paths(session, folder))
        self._step, self._wanted = self._c.history.now, path
        self._c.save(path, text.encode)

    def _written(self, path: str) -> None:
        if path == self._wanted and self._step is not None:
            self._wanted = ""
            self.document.saved(path, self._step)
            given = self._step.input
            if given is not None and not catalogue.lasts(given.kind):
                self._c.say(
                    tr(
                        "Saved {path}. The input from the {kind} is in no file: Save with pictures keeps it.",
                        path=path,
                        kind=given.kind,
                    )
                )

    # --- bundles ---

    def save_bundle(self) -> None:
        """Shows what would be in it, and asks for a file."""
        self._plan("")

    def _plan(self, path: str) -> None:
        """`path` "": it is asked for, and what is in it can be chosen."""
        from explorer.ui.dialogs.bundle_dialog import BundleDialog

        self._step, self._wanted = self._c.history.now, path
        request = PlanBundle(whole_paths(self._c.whole_session()), self._held())
        if path:
            self._planning.ask(request)
            return
        dialog = BundleDialog(self._window, tuple(self.document.leave))
        task: Task[BundleContents] = Task(
            self._c.client,
            "list bundle",
            lambda contents, _done: dialog.show_contents(contents),
            lambda failure: dialog.say(failure.text, True),
            lambda progress: dialog.say(f"{progress.text} …"),
        )
        task.ask(request)
        chosen, contents, left = dialog.exec(), dialog.chosen, dialog.left
        task.close()
        dialog.deleteLater()
        if not chosen or contents is None:
            return
        start = Path(self.document.path or Path(self._folder()) / "session")
        name = str(start.with_name(f"{self.document.name or 'session'}{SUFFIX}"))
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Save with pictures"), name, _BUNDLES)
        if path:
            self._c.settings.put(_FOLDER, str(Path(path).parent))
            self._wanted = path if path.lower().endswith(SUFFIX) else f"{path}{SUFFIX}"
            self.document.leave = left
            self._saving.ask(SaveBundle(self._wanted, contents))

    def _planned(self, contents: BundleContents, _done: bool) -> None:
        self._saving.ask(SaveBundle(self._wanted, contents.without(self.document.leave)))

    def _bundled(self, saved: SavedBundle, _done: bool) -> None:
        self._over()
        self._c.say(
            tr(
                "Saved {path} ({byte_words}, {entries} entries)",
                path=saved.path,
                byte_words=byte_words(saved.bytes),
                entries=saved.entries,
            )
        )
        if self._step is not None:
            leave = self.document.leave
            self.document.saved(saved.path, self._step)
            self.document.leave = leave

    def _held(self) -> dict[InputRef, Input]:
        """Inputs that are open: those of the camera and the clipboard are in no file."""
        views = self._c.compare.views.values()
        given = [view.picture for view in views if view.picture is not None]
        if self._c.picture is not None:
            given.append(self._c.picture)
        return {each.ref: each for each in given}

    # --- what is said ---

    def _progress(self, progress: Progress) -> None:
        self._c.notices.progress(progress, cancellable=True)

    def _over(self) -> None:
        self._c.notices.progress_over()

    def _failed(self, failure: Failure) -> None:
        self._over()
        self.document.failed()
        self._c.fail(failure)

    def _folder(self) -> str:
        return self._c.settings.text(_FOLDER)

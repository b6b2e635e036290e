"""What becomes of a copy that has learnt, or still learns: beside the model in Compare, in Explore, in files, as a command."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column
from explorer.core.transfer import Exported, ExportLearnt, TransferTarget
from explorer.core.translation import tr
from explorer.ui.jobs.client import Task
from explorer.ui.save_as import ask_path, plain_name
from explorer.ui.transfer import training_words as words
from explorer.ui.transfer.lab import Lab


class LearntCopy(QObject):
    """`learnt` opens it: the best epoch, while it learns one of the last. `say` tells beside the training what was done."""

    def __init__(self, lab: Lab, say: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._say = lab, say
        self._task: Task[Exported] = Task(lab.host.client, "learnt model", self._saved, lab.host.fail)
        self.learnt: ModelSpec | None = None
        self._target: TransferTarget | None = None
        self._parent: ModelSpec | None = None

    def set_target(self, target: TransferTarget | None, parent: ModelSpec | None) -> None:
        """What is learnt, and how the model opens that the copy is made from."""
        self._target, self._parent, self.learnt = target, parent, None

    @property
    def waiting(self) -> bool:
        """Whether files are being written."""
        return self._task.waiting

    def why_not(self) -> str:
        """Why there is no copy; "" where there is one."""
        return "" if self.learnt is not None else tr("Nothing has been learnt yet in the workspace Transfer.")

    def finish(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def compare(self) -> None:
        """The selected layer before, after, and their difference; while it learns, after the latest epoch that was written."""
        learnt, session = self.learnt, self._lab.host.session
        if learnt is None or self._parent is None:
            return
        tap, channel = session.tap, session.channel
        before, after = (Column(at, spec, tap=tap, channel=channel) for at, spec in enumerate((self._parent, learnt)))
        self._lab.host.compare_columns((before, after, Column(2, learnt, tap=tap, channel=channel, minus=True)))

    def open(self) -> None:
        """In Explore, in the place of its model."""
        if self.learnt is not None:
            self._lab.host.open_model(self.learnt)
            self._lab.host.show_workspace("explore")

    def save(self) -> None:
        """In files that are asked for."""
        learnt, host, target = self.learnt, self._lab.host, self._target
        if learnt is None or target is None:
            return
        model, data = target.model.partition("|")[0], target.data.name.replace("\\", "/").rstrip("/")
        default = f"{_end(model)}-{_end(data)}.json"
        path = ask_path(
            host.parent_widget, host.settings, tr("Save the learnt model"), default, tr("Learnt model (*.json)")
        )
        if path:
            self._task.ask(ExportLearnt(learnt, path))

    def _saved(self, files: Exported, _done: bool) -> None:
        said = words.saved_words(files)
        self._say(said)
        self._lab.host.say(said)

    def copy_command(self) -> None:
        """To the clipboard: the command that does the same."""
        target = self._target
        if self._parent is not None and target is not None:
            line = words.command_line(self._parent, target.data, self._lab.place, target.params)
            QGuiApplication.clipboard().setText(line)
            self._lab.host.say(tr("Copied: {line}", line=line))


def _end(name: str) -> str:
    """Of "demo:seeded" or a path what a file can be called by."""
    return plain_name(name.rpartition("/")[2].rpartition(":")[2].removesuffix(".json"))

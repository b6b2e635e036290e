"""Where the numbers of a named model come from: the five ways, those that are possible for it shown."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.input_sizes import size_from
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import PROGRAMS
from explorer.core.system.paths import download_dir
from explorer.core.translation import tr
from explorer.engine.models import hf_folder
from explorer.engine.models.base import CatalogueEntry, parse_id
from explorer.engine.models.torchvision_tasks import files_of
from explorer.engine.models.weights import hub
from explorer.engine.models.weights.locate import OPENED
from explorer.ui import text_size, theme
from explorer.ui.dialogs.parts import WEIGHTS_FILTER, FileField, Note, is_file
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest

LARGEST_SEED = 2**31 - 1


class Way(StrEnum):
    """Where weights come from."""

    FOUND = "found"
    COMES = "comes"
    FILE = "file"
    DOWNLOAD = "download"
    UNTRAINED = "untrained"


_LABELS = {
    Way.FOUND: tr("F&ound here"),
    Way.COMES: tr("&As it comes, seed"),
    Way.FILE: tr("A &file"),
    Way.DOWNLOAD: tr("&Download"),
    Way.UNTRAINED: tr("&Untrained on purpose, seed"),
}


_WORDS = {Way.FILE: tr("a file"), Way.DOWNLOAD: tr("the download"), Way.UNTRAINED: "untrained"}


class WeightsChoice(QWidget):
    """Nothing is chosen beforehand that would go to the network or show an untrained model to somebody who did not ask."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: CatalogueEntry | None = None
        self.file = FileField(tr("Weight file"), tr("Choose a weight file"), WEIGHTS_FILTER)
        self.file.line.setPlaceholderText(tr("Choose or drop it here"))
        self.input_size = _size_field()
        self.seeds = {way: _seed_field() for way in (Way.COMES, Way.UNTRAINED)}
        self.buttons = {way: QRadioButton(label) for way, label in _LABELS.items()}
        self._found, self._found_at = Elided(), Elided()
        self._download = Note()
        self._group = QButtonGroup(self)
        self._parts = {way: self._part(way) for way in Way}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().inset)
        for part in self._parts.values():
            column.addWidget(part)
        column.addStretch(1)
        self._group.buttonClicked.connect(self.changed)
        self.file.changed.connect(self._file_changed)
        self.input_size.textChanged.connect(self.changed)
        for way, field in self.seeds.items():
            field.valueChanged.connect(partial(self._seeded, way))
        self.set_entry(None)

    def _seeded(self, way: Way, _seed: int) -> None:
        self.choose(way)

    def _part(self, way: Way) -> QWidget:
        """A radio button with what belongs to it beneath."""
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        line = QHBoxLayout()
        line.addWidget(self.buttons[way])
        self._group.addButton(self.buttons[way])
        if way in self.seeds:
            line.addWidget(self.seeds[way])
        line.addStretch(1)
        nest(column, line)
        beneath = QVBoxLayout()
        beneath.setContentsMargins(22, 0, 0, 0)
        beneath.setSpacing(2)
        for widget in self._beneath(way):
            beneath.addWidget(widget)
        nest(column, beneath)
        return part

    def _beneath(self, way: Way) -> tuple[QWidget, ...]:
        if way is Way.FOUND:
            self._found_at.setObjectName("dim")
            for label in (self._found, self._found_at):
                label.setTextFormat(Qt.TextFormat.PlainText)
            return self._found, self._found_at
        if way is Way.COMES:
            return (Note(tr("It has its own weights; the seed sets those that are random.")),)
        if way is Way.FILE:
            return (
                self.file,
                Note(tr("{list} and others: a checkpoint of this exact architecture.", list=", ".join(OPENED[:4]))),
                self.input_size,
            )
        if way is Way.DOWNLOAD:
            return (self._download,)
        return (Note(tr("Random initial weights, nothing learnt. Its maps are marked “untrained” everywhere.")),)

    # ---- setters

    def set_entry(self, entry: CatalogueEntry | None) -> None:
        """Offers what is possible for this model. A file that was given stays chosen, and so does untrained where nothing
        is found; a download is chosen anew for every model."""
        self._entry = entry
        self.input_size.setVisible(entry is not None and parse_id(entry.id).source == "timm")
        for way, part in self._parts.items():
            part.setVisible(way in self.possible())
        if entry is not None and entry.weights is not None:
            self._found.set_text(entry.weights.name)
            self._found_at.set_text(tr("in {parent}", parent=entry.weights.parent))
        self._download.setText(_download_text(entry))
        kept = self.way
        if kept is Way.FILE and kept in self.possible() and self.file.path:
            self.choose(kept)
        elif self.usual() is not None:
            self.choose(self.usual())
        else:
            self.choose(kept if kept is Way.UNTRAINED and kept in self.possible() else None)

    def set_file(self, path: str) -> None:
        """A file that the person gave, dropped on the window."""
        self.file.set_path(path)
        self.choose(Way.FILE)

    def set_from(self, spec: ModelSpec) -> None:
        """The choice that this spec stands for."""
        for field in self.seeds.values():
            field.blockSignals(True)
            field.setValue(min(max(spec.seed, 0), LARGEST_SEED))
            field.blockSignals(False)
        self.input_size.setText("" if spec.size is None else f"{spec.size[0]} x {spec.size[1]}")
        if spec.weights:
            self.set_file(spec.weights)
        elif spec.untrained and Way.UNTRAINED in self.possible():
            self.choose(Way.UNTRAINED)

    def choose(self, way: Way | None) -> None:
        """Checks one way, or none."""
        self._group.setExclusive(False)  # else none could be unchecked
        for each, button in self.buttons.items():
            button.setChecked(each is way)
        self._group.setExclusive(True)
        self.changed.emit()

    # ---- what was chosen

    @property
    def way(self) -> Way | None:
        return next((way for way, button in self.buttons.items() if button.isChecked()), None)

    def usual(self) -> Way | None:
        """What needs no decision."""
        entry = self._entry
        if entry is None:
            return None
        return Way.FOUND if entry.weights is not None else Way.COMES if entry.ready else None

    def possible(self) -> tuple[Way, ...]:
        entry = self._entry
        if entry is None:
            return (Way.FILE,) if self.file.path else ()
        if entry.lacks:
            return ()
        named = parse_id(entry.id)
        if named.source in PROGRAMS:
            return (Way.FOUND,)
        if named.source == "hf":
            return _of_folder(entry, named.name)
        demo = named.source == "demo"
        here = {Way.FOUND: entry.weights is not None, Way.COMES: entry.weights is None and entry.ready}
        more = {Way.FILE: not demo, Way.DOWNLOAD: not demo and not entry.ready, Way.UNTRAINED: not demo}
        return tuple(way for way, so in (here | more).items() if so)

    def problem(self) -> tuple[str, bool]:
        """What is missing ("" for nothing), and whether it is wrong rather than open."""
        way = self.way
        if self._entry is not None and self._entry.lacks:
            return f"{self._entry.title}: {self._entry.lacks}", False
        if way is None:
            return self._undecided(), False
        if way is Way.FILE:
            path = self.file.path
            if not path:
                return tr("Choose the weight file."), False
            if not path.lower().endswith(OPENED):
                return tr("Weights are in files that end in {list}, …", list=", ".join(OPENED[:7])), True
            if not is_file(path):
                return tr("There is no file {path}.", path=path), True
            if self._wrong_size():
                return self._wrong_size(), True
        if way is Way.DOWNLOAD and download_dir() is None:
            return tr("There is no folder for downloads: name one in FME_WEIGHTS."), True
        if way is Way.DOWNLOAD and self._from_hub() and hub.offline():
            return tr("{offline} is set, which forbids downloads from the hub.", offline=hub.offline()), True
        return "", False

    def _undecided(self) -> str:
        title = self._entry.title if self._entry else tr("this model")
        words = [_WORDS[way] for way in self.possible() if way in _WORDS]
        if not words:
            return tr("{title} is no model of transformers: there is no config.json in it.", title=title)
        either = (
            tr("{list}, or {words}", list=", ".join(words[:-1]), words=words[-1])
            if len(words) > 2
            else tr(" or ").join(words)
        )
        return tr("There are no weights for {title} here: choose {either}.", title=title, either=either)

    def _from_hub(self) -> bool:
        return self._entry is not None and parse_id(self._entry.id).source in ("timm", "hf")

    def spec(self, model_id: str) -> ModelSpec:
        """The model with these weights; its own preprocessing."""
        way = self.way
        seed = self.seeds[way].value() if way in self.seeds else 0
        if way is not Way.FILE:
            return ModelSpec(model_id, "", way is Way.UNTRAINED, seed)
        return ModelSpec(model_id, self.file.path, size=self._size())

    def _size(self) -> tuple[int, int] | None:
        return None if self.input_size.isHidden() or self._wrong_size() else size_from(self.input_size.text())

    def _wrong_size(self) -> str:
        try:
            size_from("" if self.input_size.isHidden() else self.input_size.text())
        except ExplorerError as error:
            return str(error)
        return ""

    def _file_changed(self, path: str) -> None:
        self.choose(Way.FILE) if path else self.changed.emit()


def _of_folder(entry: CatalogueEntry, name: str) -> tuple[Way, ...]:
    """Without its config nothing is known of a model of transformers, and only a download brings it."""
    if entry.ready:
        return Way.FOUND, Way.UNTRAINED
    if hf_folder.find(name) is not None:
        return (Way.DOWNLOAD, Way.UNTRAINED) if hub.is_repo(name) else (Way.FILE, Way.UNTRAINED)
    return (Way.DOWNLOAD,) if hub.is_repo(name) else ()


def _size_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(tr("Input size, as in 128 x 288"))
    field.setToolTip(tr("Height x width in pixels of its position embedding, where the file does not say it."))
    field.setAccessibleName(tr("Input size"))
    return field


def _seed_field() -> QSpinBox:
    field = QSpinBox()
    field.setRange(0, LARGEST_SEED)
    field.setAccessibleName(tr("Seed"))
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    text_size.hold(field, "setFixedWidth", 110)
    return field


def _download_text(entry: CatalogueEntry | None) -> str:
    """What would be fetched, from where, to where."""
    if entry is None:
        return ""
    named = parse_id(entry.id)
    folder = download_dir()
    where = tr(" It is kept in {folder}.", folder=folder) if folder is not None else ""
    if named.source == "torchvision" and files_of(named.name):
        what = tr("{official} from torchvision's server, download.pytorch.org.", official=files_of(named.name)[0])
    elif named.source == "timm":
        what = tr("The weights of timm/{named} from the hub, {host}.", named=named.name, host=hub.host())
    elif named.source == "hf":
        what = tr(
            "The config, the preprocessing and the weights of {named} from the hub, {host}.",
            named=named.name,
            host=hub.host(),
        )
    else:
        what = tr("As the extension “{source}” does it.", source=named.source)
    return tr("{what} Needs a network; the size is shown while it runs.{where}", what=what, where=where)

"""What the menus hold, made anew whenever they open: the actions of the registry, and what there is to open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer import catalogue
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.translation import tr
from explorer.engine.inputs import file_ref
from explorer.ui.actions import Action, Actions
from explorer.ui.opening import Opening
from explorer.ui.recent_models import model_remembered
from explorer.ui.widgets.text import tip as text_tip

T = TypeVar("T", ModelSpec, InputRef)
_SESSIONS = 10


@dataclass(frozen=True, slots=True)
class MenuOffer(Generic[T]):
    """A model or an input that can be opened: the section or sub-menu it stands in, and what is said of it."""

    section: str
    title: str
    what: T
    hint: str = ""
    about: str = ""


class Menus:
    """Fills the menus of the tool bar, of the menu bar and of the columns of Compare."""

    def __init__(self, opening: Opening, actions: Actions, preprocess_column: Callable[[int], None]) -> None:
        self._opening, self._controller, self._actions = opening, opening.controller, actions
        self._preprocess_column = preprocess_column

    # --- of the tool bar ---

    def fill_models(self, menu: QMenu) -> None:
        clear(menu)
        self._add_models(menu, self._opening.open_model, not self._actions.why_not(self._actions["model.choose"]))
        menu.addSeparator()
        self.add_actions(menu, "model.choose", "model.weights", "model.preprocess", "model.arguments", "help.about")

    def fill_inputs(self, menu: QMenu) -> None:
        clear(menu)
        self.add_actions(menu, "file.open", "file.folder", "input.paste", "input.gallery", "input.next", "input.last")
        self.add_inputs(menu)
        menu.addSeparator()
        self.add_actions(menu, "file.session")
        self.add_sessions(menu)
        self.add_actions(menu, "file.save_session", "file.save_session_as", "file.save_bundle")

    def add_sessions(self, menu: QMenu) -> None:
        """The sessions that were opened or saved lately; those that are gone are grey."""
        sessions = self._opening.sessions
        recent = menu.addMenu(tr("Recent sessions"))
        recent.setToolTipsVisible(True)
        for path in sessions.recent[:_SESSIONS]:
            there = _is_file(path)
            title = Path(path).name if there else tr("{name}\tnot found", name=Path(path).name)
            self._add(recent, title, partial(sessions.open, Path(path)), path).setEnabled(there)
        recent.setEnabled(bool(sessions.recent))

    def fill_live(self, menu: QMenu) -> None:
        clear(menu)
        self.add_action(menu, "input.play", tr("Pause") if self._controller.live.playing else tr("Play"))
        menu.addSeparator()
        self.add_actions(menu, "input.scene", "input.video")
        menu.addSection(tr("Camera"))
        self.fill_cameras(menu)
        menu.addSection(tr("Microphone, for models of sounds"))
        for device, title in self._controller.live.microphones() or [("", tr("First microphone"))]:
            self._add(menu, title, partial(self._controller.play_microphone, device, title))

    def fill_cameras(self, menu: QMenu) -> None:
        """Those that are connected, after what is in the menu."""
        # without a list the first choice is offered all the same: starting it says what is missing
        for device, title in self._controller.live.cameras() or [("", tr("First camera"))]:
            self._add(menu, title, partial(self._controller.play_camera, device, title))

    def fill_copies(self, menu: QMenu) -> None:
        """The menu of the channel panel."""
        clear(menu)
        shows = self._controller.session.shows
        view = catalogue.layer_views.get(shows)
        every = view.picture if view is not None else tr("the picture")
        self.add_actions(menu, "figure.copy", "copy.python")
        menu.addSeparator()
        self.add_action(
            menu, "figure.maps", tr("{every}{every2} as figure …", every=every[:1].upper(), every2=every[1:])
        )
        self.add_actions(menu, "figure.channel", "figure.page")
        menu.addSeparator()
        self.add_action(menu, "save.maps", tr("Save {every} as PNG …", every=every))
        self.add_actions(menu, "save.map")
        menu.addSeparator()
        self.add_actions(menu, "save.values", "save.all_values")

    # --- of a column of Compare ---

    def fill_column_models(self, key: int, menu: QMenu) -> None:
        compare = self._controller.compare

        def take(spec: ModelSpec, allow_download: bool = False) -> None:
            if self._opening.agreed(spec):
                compare.set_model(key, spec, allow_download)

        clear(menu)
        self._add_models(menu, take)
        menu.addSeparator()
        explore = self._controller.session.model
        same = explore is not None and explore == compare.doc.column(key).model
        hint = f"\t{explore.id.rpartition('/')[2]}" if explore is not None else ""
        if explore is not None:
            tip = tr("The model that is open in Explore")
            act = self._add(menu, tr("Model from Explore{hint}", hint=hint), partial(take, explore), tip)
            act.setEnabled(not same)
        self._add_edits(key, menu)
        tip = tr("Input size, crop, mean and std, channels: of this column alone")
        act = self._add(menu, tr("Preprocessing …"), partial(self._preprocess_column, key), tip)
        act.setEnabled(compare.views[key].card is not None)
        now, card = compare.doc.column(key).model, compare.views[key].card
        if now is not None and (card is None or card.spec != now):
            self._add(
                menu,
                tr("Try {id} again", id=now.id),
                partial(take, now),
                tr("The model did not open; tries again and asks for what is missing"),
            )
        if now is not None and not now.weights and not now.untrained:
            twin = replace(now, untrained=True)
            self._add(menu, tr("The same, untrained"), partial(take, twin), tr("Random weights, seed 0"))
        if now is not None:
            tip = tr("A weight file for the architecture of this column")
            act = self._add(
                menu, tr("Same architecture, other weights …"), partial(self._opening.other_weights, now, take), tip
            )
            act.setEnabled(not self._opening.why_no_weights(now))
        self._add(menu, tr("Another model …"), partial(self._opening.choose_model, now=now, take=take))

    def _add_edits(self, key: int, menu: QMenu) -> None:
        """Whether a column shows its model as it is, or as it is edited in Explore."""
        compare = self._controller.compare
        held, there = compare.doc.column(key).edits, compare.edits_in_explore(key)
        hint = "" if not there else tr("\talready applied") if there == held else f"\t{len(there)}"
        tip = tr("Applies the edits active in Explore; choose this again after later changes there")
        if not there:
            hint, tip = tr("\tno edits"), tr("Open this model in Explore and edit channels on the page Ablation")
        act = self._add(
            menu, tr("With the edits of Explore{hint}", hint=hint), partial(compare.set_edits, key, there), tip
        )
        act.setEnabled(bool(there) and there != held)
        act = self._add(
            menu, tr("Without edits"), partial(compare.set_edits, key, ()), tr("The model as it was opened")
        )
        act.setEnabled(bool(held))

    def fill_column_inputs(self, key: int, menu: QMenu) -> None:
        compare = self._controller.compare
        clear(menu)
        act = self._add(menu, tr("Shared input"), partial(compare.set_input, key, None), tr("As chosen at the top"))
        act.setEnabled(compare.doc.column(key).input is not None)
        self._add(menu, tr("Open picture …"), partial(self._opening.choose_column_input, key))
        self._add_samples(menu, partial(compare.set_input, key))

    # --- what there is to open ---

    def _add_models(self, menu: QMenu, take: Callable[[ModelSpec], None], enabled: bool = True) -> None:
        """The models that are ready to open, and those that were open lately."""
        section = ""
        for offer in self._models():
            if offer.section != section:
                section = offer.section
                menu.addSection(section)
            title = f"{offer.title}\t{offer.hint}" if offer.hint else offer.title
            self._add(menu, title, partial(take, offer.what), offer.about).setEnabled(enabled)

    def add_inputs(self, menu: QMenu) -> None:
        """The samples, and the files that were open lately."""
        self._add_samples(menu, self._controller.open_input)
        recent = list(self._recent_inputs())
        if recent:
            menu.addSection(tr("Recent"))
        for offer in recent:
            self._add(menu, offer.title, partial(self._controller.open_input, offer.what), offer.about)

    def _add_samples(self, menu: QMenu, take: Callable[[InputRef], object]) -> None:
        """Single pictures as they are, each larger group in a menu of its own."""
        menu.addSection(tr("Samples"))
        parts = {"": menu}
        for offer in _samples():
            part = parts.get(offer.section) or parts.setdefault(offer.section, menu.addMenu(offer.section))
            self._add(part, offer.title, partial(take, offer.what))

    def to_open(self) -> Iterator[Action]:
        """For the command palette: every model and every input of these menus."""
        for offer in self._models():
            run = partial(self._opening.open_model, offer.what)
            yield Action(f"model.{offer.what.id}", offer.title, run, (), "Model", "explore", offer.hint)
        for given in (*_samples(), *self._recent_inputs()):
            open_input = partial(self._controller.open_input, given.what)
            yield Action(f"input.{given.what.path}", given.title, open_input, (), "Input")

    def _models(self) -> Iterator[MenuOffer[ModelSpec]]:
        from explorer.engine.models import catalogue

        ready = [entry for entry in catalogue() if entry.ready]
        for section, demo in ((tr("Demo models"), True), (tr("Ready to open"), False)):
            for entry in ready:
                if entry.id.startswith("demo:") is demo:
                    yield MenuOffer(section, entry.title, ModelSpec(entry.id), entry.says, str(entry.weights or ""))
        recent = [text for text in self._controller.settings.recent("models") if text not in {e.id for e in ready}]
        known = [spec for spec in map(model_remembered, recent) if not spec.weights or _is_file(spec.weights)]
        for spec in known[:6]:
            file = Path(spec.weights).name
            yield MenuOffer(tr("Recent"), spec.id, spec, file, spec.weights)

    def _recent_inputs(self) -> Iterator[MenuOffer[InputRef]]:
        recent = [path for path in self._controller.settings.recent("inputs") if _is_file(path)]
        for path in recent[:8]:
            yield MenuOffer(tr("Recent"), Path(path).name, file_ref(path), about=path)

    # --- entries ---

    def add_actions(self, menu: QMenu, *names: str) -> None:
        for name in names:
            self.add_action(menu, name)

    def add_action(self, menu: QMenu, name: str, title: str = "") -> None:
        """An action of the registry with its key; `title` where this menu knows more than the registry."""
        action = self._actions[name]
        why, key = self._actions.why_not(action), f"\t{action.keys[0]}" if action.keys else ""
        about = "\n".join(part for part in (action.about or action.name, why) if part)
        entry = self._add(menu, f"{title or action.title}{key}", partial(self._actions.run, action), about)
        entry.setEnabled(not why)

    def _add(self, menu: QMenu, title: str, what: Callable[[], object], tip: str = "") -> QAction:
        def triggered(*_checked: object) -> None:
            what()

        action = menu.addAction(title.replace("&", "&&"))
        action.setToolTip(text_tip(tip or title.split("\t")[0]))
        action.triggered.connect(triggered)
        return action


def clear(menu: QMenu) -> None:
    """Empties a menu; Qt would keep its sub-menus."""
    menu.clear()
    for part in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        part.deleteLater()


def _samples() -> Iterator[MenuOffer[InputRef]]:
    """The samples: pictures, of which those that stand in no group have no section, sounds and sentences."""
    from explorer.engine.data_sets import world_samples
    from explorer.engine.inputs.samples import PICTURES, sample_pictures

    for sample in sample_pictures():
        group = "" if sample.group == PICTURES else sample.group
        yield MenuOffer(group, sample.title, InputRef("sample", sample.name))
    for group, names in (
        (tr("Sounds"), world_samples.sound_names()),
        (tr("Sentences"), world_samples.sentence_names()),
    ):
        for name in names:
            yield MenuOffer(group, world_samples.title_of(name), InputRef("sample", name))


def _is_file(path: str) -> bool:
    """Whether a remembered path still leads to a file; a settings file may hold anything."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a NUL, too long a name, a circle of links, a folder that may not be looked into
        return False

"""The method pages beneath the large map: one a method of the catalogue, each with what is selected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer import catalogue
from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.kind_words import several
from explorer.core.method import Measured, MethodSpec
from explorer.core.models import kind_of
from explorer.core.registry import Problem
from explorer.core.selection import Selection, cell_of
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed_table
from explorer.ui.explore.channel_panel import ChannelPanel
from explorer.ui.explore.due_results import DueResults
from explorer.ui.explore.page_flags import page_flags
from explorer.ui.explore.view import ExploreView
from explorer.ui.jobs.client import JobClient
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.opened import KeepsChoices, PagePresenter, TellsFacts, opened, tried
from explorer.ui.method_page.presenter import MethodPagePresenter
from explorer.ui.method_page.remembered import from_text, noted, remember
from explorer.ui.state import Store
from explorer.ui.widgets.prediction import PredictionBars

_EXPLAINING = (
    "attribution",
    "word-attribution",
)  # pages that run when a class is chosen, the first that fits the input
_OF_CLASSES = ("ablation", "maximisation", "attention")  # pages of their own that have a class as target
_PAUSE = tr("Pause to compute this.")
_EDITED = tr("This page needs the model without edits: clear them on the page Ablation.")


class MethodPages(QObject):
    """It is told what is shown (`follow`, `captured`); only the page that is open computes anything. Each is made when it is first
    opened or asked for (`made`: its name), those of plug-ins at once, so that what cannot be made is known. `class_chosen`:
    another class of the prediction is the target of all pages."""

    class_chosen = Signal()
    made = Signal(str)

    def __init__(
        self,
        client: JobClient,
        host: PageHost,
        store: Store,
        view: ExploreView,
        panel: ChannelPanel,
        prediction: PredictionBars,
    ) -> None:
        super().__init__(panel)
        self._client, self._host, self._store, self._view, self._panel = client, host, store, view, panel
        self._prediction = prediction
        self._away = ""  # the page that was open, of another kind of input than now
        self._due = DueResults()
        self._class: tuple[str, int] | None = None  # chosen in the prediction: (ModelCard.digest, index)
        self.broken: list[Problem] = []  # methods whose page cannot be made
        self._specs: dict[str, MethodSpec[Any, Any]] = {}
        self._parts: dict[str, PagePresenter] = {}  # those that are made
        self._choices: dict[str, dict[str, Any]] = {}  # of a session, for pages that are still to be made
        self._live = False
        self._add_pages()
        prediction.chosen.connect(self._choose_class)
        panel.set_page(host.settings.text("page"))
        panel.page_changed.connect(self._turned)
        store.put(page=panel.page, methods=self._params())

    def _add_pages(self) -> None:
        """A page for every method of the catalogue that is about one model."""
        for spec in catalogue.methods:
            if spec.of_selection:
                self._add_page(spec)

    def _add_page(self, spec: MethodSpec[Any, Any]) -> None:
        part = None
        if not spec.package.startswith("explorer."):
            part = tried(spec, partial(opened, spec, self._client, self._host), self.broken)
            if part is None:
                return
        self._specs[spec.id] = spec
        self._panel.add_page(spec.id, spec.title, spec.about)
        if part is not None:
            self._place(spec.id, part)

    def _place(self, name: str, part: PagePresenter) -> None:
        self._parts[name] = part
        self._panel.fill_page(name, part.view, getattr(part.view, "front", None))

    def _params(self) -> tuple[tuple[str, str], ...]:
        """Of the session, with those of every page."""
        return noted(self._host.settings, self._specs.values(), self._store.session.methods)

    def shown_params(self, name: str) -> Any:
        """The parameters of a page that is open; None where it is not, or where they cannot be."""
        part = self._parts.get(name)
        if part is None or self._panel.page != name:
            return None
        try:
            return getattr(part.view, "params", None)
        except ExplorerError:
            return None

    def note_params(self) -> None:
        """The parameters of a page have been changed by hand."""
        self._store.note(methods=self._params())

    def restore(self) -> None:
        """The page and the parameters that the session says; what is not known is passed over."""
        session, now = self._store.session, dict(self._params())
        for name, text in session.methods:
            if name not in self._specs or text == now[name]:
                continue
            params, part = from_text(self._specs[name], text), self._parts.get(name)
            if part is None:
                remember(self._host.settings, self._specs[name], params)
            elif (set_params := getattr(part, "set_params", None)) is not None:
                set_params(params)
        self._panel.set_page(session.page)
        if session.page in self._specs and session.page != self._panel.page:
            self._away = session.page  # its model is still to come
        self._store.put(page=self._panel.page, methods=self._params())

    def reopen(self, session: Session, compute: bool) -> None:
        """The class that a file says was chosen; with `compute` also its results, each once its page is looked at."""
        self._due.set(session.results if compute else (), session.target, session.model)
        self._class = None
        self._prediction.set_chosen(None)
        self._choices = {name: parsed_table(text) for name, text in session.pages if name in self._specs}
        for name in self._choices.keys() & self._parts.keys():
            self._choose_again(name)

    def _choose_again(self, name: str) -> None:
        part, held = self._parts[name], self._choices.pop(name, None)
        if held is not None and isinstance(part, KeepsChoices):
            part.choose_again(held)

    def as_file(self) -> dict[str, Any]:
        """`Session.results`, `pages` and `target`: the methods that have a result for what is selected, and the chosen class."""
        names = self._due.names | self.known().keys()
        target = self._class[1] if self._class is not None else self._due.target
        pages: dict[str, Mapping[str, Any]] = dict(self._choices)
        pages |= {name: part.page_choices() for name, part in self._parts.items() if isinstance(part, KeepsChoices)}
        return {
            "results": tuple(name for name in self._specs if name in names),
            "pages": tuple((name, json.dumps(pages[name])) for name in self._specs if name in pages),
            "target": target,
        }

    def _choose_due(self) -> None:
        """The class that a file says was chosen, once its model and input are shown."""
        capture = self._view.capture
        if self._due.target is None or self._store.on_its_way or capture is None or self.place() is None:
            return
        target = self._due.take_target(self._store.session.model)
        if target is not None and capture.scores is not None and target < capture.scores.classes:
            self._class = capture.model, target
            self._prediction.set_chosen(target)

    def _compute_due(self, name: str, blocked: str) -> None:
        """The open page, where a file says that it had a result."""
        part = self.page(name)
        if blocked or self._store.on_its_way or self.place() is None or not isinstance(part, MethodPagePresenter):
            return
        if self._due.take(name, self._store.session.model) and part.result is None:
            part.run()

    def page(self, name: str) -> PagePresenter:
        """The presenter of a page, which is made now if it was not; KeyError for none of that name."""
        if name not in self._parts:
            part = opened(self._specs[name], self._client, self._host)
            self._place(name, part)
            if self._view.capture is not None:
                part.captured(self._view.capture, self._live)
            self._choose_again(name)
            self.made.emit(name)
        return self._parts[name]

    def known(self) -> Mapping[str, Measured]:
        """Of each method that has a whole result for what is selected, what guides can ask of it."""
        place = self.place()
        if place is None:
            return {}
        told = {name: part.facts_of(place) for name, part in self._parts.items() if isinstance(part, TellsFacts)}
        return {name: facts for name, facts in told.items() if facts is not None}

    @property
    def names(self) -> tuple[str, ...]:
        """Of all pages."""
        return tuple(self._specs)

    @property
    def made_names(self) -> tuple[str, ...]:
        """Of those that are made."""
        return tuple(self._parts)

    @property
    def open_page(self) -> PagePresenter | None:
        """The presenter of the page that is open; None where that is none of a method."""
        return self._parts.get(self._panel.page)

    @property
    def labelled(self) -> str:
        """The class that was chosen in the prediction, by its label; "" where none was."""
        card, capture = self._view.card, self._view.capture
        if card is None or capture is None or self._class is None or self._class[0] != capture.model:
            return ""
        return card.class_name(self._class[1])

    @property
    def waiting(self) -> bool:
        """Whether something that was asked for is still to come."""
        return any(part.waiting for part in self._parts.values())

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown."""
        if self._class is not None and self._class[0] != capture.model:
            self._class = None
            self._prediction.set_chosen(None)
        self._live = live
        for part in self._parts.values():
            part.captured(capture, live)
        self.follow()

    def follow(self) -> None:
        """The selection, the capture or the page may have changed."""
        for name, part in self._parts.items():
            if name != self._panel.page:
                part.leave()
        self._choose_due()
        self._offer_pages()
        self._panel.set_flags(self._flags())
        if self._panel.page in self._specs:
            blocked = self._blocked()
            self.page(self._panel.page).follow(self.place(), blocked)
            self._compute_due(self._panel.page, blocked)

    def _offer_pages(self) -> None:
        """Those of the kind of the input. An open page of another kind comes back with its kind, unless another one was opened."""
        open_page = self._panel.page
        missing = {name: why for name, spec in self._specs.items() if (why := self._other_kind(spec))}
        for name in self._specs:
            self._panel.show_page(name, missing.get(name, ""))
        if open_page in missing:
            self._away = open_page
        elif self._away and self._away not in missing:
            self._panel.set_page(self._away)

    def _other_kind(self, spec: MethodSpec[Any, Any]) -> str:
        """Why a method is not about what the shown model takes; "" where it is."""
        if not spec.kinds or self._kind in spec.kinds:
            return ""
        return tr(
            "It works on {list}; this model takes {kinds}.",
            list=tr(" and ").join(map(several, spec.kinds)),
            kinds=several(self._kind),
        )

    @property
    def _kind(self) -> str:
        """What the shown model takes."""
        return kind_of(self._view.card.preprocess) if self._view.card is not None else "picture"

    def _flags(self) -> str:
        card, capture = self._view.card, self._view.capture
        known = card is not None and capture is not None and capture.model == card.digest
        if not known or card is None or capture is None:
            return ""
        return page_flags(card, capture, self._specs.get(self._panel.page))

    def place(self) -> Selection | None:
        """What is selected, None while nothing is shown."""
        view, session = self._view, self._host.session
        if view.shown is None or view.capture is None or view.card is None or view.capture.model != view.card.digest:
            return None
        tap = view.shown.tap
        channel = min(session.channel, max(len(view.shown.plain) - 1, 0))
        capture = self._host.interventions.plain if view.capture.edits else view.capture
        if capture is None:
            return None
        return Selection(view.card, capture, tap, channel, cell_of(tap, session.cell), self._class_of(capture))

    def _class_of(self, capture: Capture) -> int | None:
        if not capture.prediction:
            return None
        chosen = self._class is not None and self._class[0] == capture.model
        return self._class[1] if self._class is not None and chosen else capture.prediction[0].index

    def _blocked(self) -> str:
        spec = self._specs.get(self._panel.page)
        if self._host.playing and not (spec is not None and spec.while_live):
            return _PAUSE
        return _EDITED if self._host.interventions.edits and not (spec is not None and spec.under_edits) else ""

    def params_of(self, name: str) -> Any:
        """The parameters of a method as they are set."""
        return from_text(self._specs[name], dict(self._params())[name])

    def choose_class(self, index: int) -> None:
        """As a click on a class of the prediction."""
        self._prediction.set_chosen(index)
        self._choose_class(index)

    def _choose_class(self, index: int) -> None:
        capture = self._view.capture
        if capture is None:
            return
        self._class = capture.model, index
        for part in self._parts.values():
            part.choose_class()
        self._explain_class()
        self.follow()
        self._run_explanation()
        self.class_chosen.emit()

    def _explain_class(self) -> None:
        """Opens the page that explains a class, unless the open one is about classes itself."""
        spec = self._specs.get(self._panel.page)
        if spec is None or not (spec.about_classes or spec.id in _OF_CLASSES):
            name = next(
                (name for name in _EXPLAINING if name in self._specs and not self._other_kind(self._specs[name])), ""
            )
            if name:
                self._panel.set_page(name)

    def _run_explanation(self) -> None:
        part = self._parts.get(self._panel.page)
        if self._panel.page in _EXPLAINING and isinstance(part, MethodPagePresenter) and part.result is None:
            part.run()

    def _turned(self, page: str) -> None:
        self._away = ""
        self._host.settings.put("page", page)
        self._store.put(page=page)
        self.follow()

"""The tabs beside the large map and the engine: the tab that is looked at asks, answers that no longer fit are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from explorer import catalogue
from explorer.core.method import MethodSpec, Scope
from explorer.core.selection import Selection, cell_of
from explorer.core.types import Capture
from explorer.engine.runner import Event
from explorer.ui.method_page.opened import PagePresenter, opened
from explorer.ui.understand import words
from explorer.ui.understand.ablation_control import AblationControl
from explorer.ui.understand.arithmetic_control import ArithmeticControl
from explorer.ui.understand.attention_control import AttentionControl
from explorer.ui.understand.attribution_control import AttributionControl
from explorer.ui.understand.maximise_control import MaximiseControl

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_ABOUT = {
    "arithmetic": "Computation of the selected cell, term by term",
    "attribution": "Attribution: pixels that matter for a class, a channel or a cell",
    "ablation": "Ablation: edit channels and see the change of the prediction",
    "maximise": "Activation maximisation: generate an image that maximises a target",
    "attention": "Attention maps, every head of every block",
}
_PAUSE = "Pause to compute this."
_EDITED = "This page needs the model without edits: clear them on the page Ablation."


class UnderstandControl(QObject):
    """The controller tells it what is shown (`follow`, `captured`) and hands on what the worker says (`receive`)."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._c = controller
        self._panel = controller.window.explore.channel
        self.arithmetic = ArithmeticControl(controller)
        self.attribution = AttributionControl(controller)
        self.ablation = AblationControl(controller, self.attribution.class_of)
        self.maximise = MaximiseControl(controller, self.attribution.class_of)
        self.attention = AttentionControl(controller, self.attribution.class_of)
        self._specs: dict[str, MethodSpec[Any, Any]] = {}
        self._legacy: dict[
            str, ArithmeticControl | AttributionControl | AblationControl | MaximiseControl | AttentionControl
        ] = {
            "arithmetic": self.arithmetic,
            "attribution": self.attribution,
            "ablation": self.ablation,
            "maximise": self.maximise,
            "attention": self.attention,
        }
        self._parts: dict[str, PagePresenter] = {}
        for name, part in self._legacy.items():
            if name == "attention":
                self._add_methods()
            self._parts[name] = part  # type: ignore[assignment]
            self._panel.add_page(name, name.capitalize(), _ABOUT[name], getattr(self._panel, name))
        controller.window.explore.input.prediction.chosen.connect(self._choose_class)
        controller.window.explore.input.reading.chosen.connect(controller.set_reading)
        self._panel.set_page(controller.settings.text("page"))
        self._panel.page_changed.connect(self._turned)

    def _add_methods(self) -> None:
        """A page for every method of the catalogue that is about one model."""
        for spec in catalogue.methods:
            if spec.scope != Scope.TWO_MODELS:
                part = self._parts[spec.id] = opened(spec, self._c.client, self._c)
                self._specs[spec.id] = spec
                self._panel.add_page(spec.id, spec.title, spec.about, part.view)

    def page(self, name: str) -> PagePresenter:
        """The presenter of a page."""
        return self._parts[name]

    @property
    def waiting(self) -> bool:
        """Whether something that was asked for is still to come."""
        return any(part.waiting for part in self._parts.values())

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown."""
        self.ablation.captured(capture, live)
        self.maximise.captured(capture, live)
        self.follow()

    def follow(self) -> None:
        """The selection, the capture or the page may have changed."""
        for name, part in self._parts.items():
            if name != self._panel.page:
                part.leave()
        self._panel.set_flags(self._flags())
        if self._panel.page in self._parts:
            self._parts[self._panel.page].follow(self.place(), self._blocked())

    def _flags(self) -> str:
        card, capture = self._c.view.card, self._c.view.capture
        known = card is not None and capture is not None and capture.model == card.digest
        if not known or card is None or capture is None:
            return ""
        return words.page_flags(card, capture, self._panel.page, self._specs.get(self._panel.page))

    def receive(self, event: Event) -> None:
        """An event of the lane of methods."""
        any(part.receive(event) for part in self._legacy.values())

    def place(self) -> Selection | None:
        """What is selected, None while nothing is shown."""
        view, session = self._c.view, self._c.session
        if view.shown is None or view.capture is None or view.card is None or view.capture.model != view.card.digest:
            return None
        tap = view.shown.tap
        channel = min(session.channel, max(len(view.shown.plain) - 1, 0))
        capture = self.ablation.plain if view.capture.edits else view.capture
        if capture is None:
            return None
        return Selection(view.card, capture, tap, channel, cell_of(tap, session.cell))

    def _blocked(self) -> str:
        if self._panel.page == "ablation":
            return ""  # edits go along with what moves
        if self._c.live.playing:
            return _PAUSE
        return _EDITED if self.ablation.edits else ""

    def _choose_class(self, index: int) -> None:
        self.attribution.choose_class(index)
        self.maximise.choose_class()
        self.follow()

    def _turned(self, page: str) -> None:
        self._c.settings.put("page", page)
        self.follow()

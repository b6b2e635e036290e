"""Makes the page of a method: its view and its presenter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from PySide6.QtWidgets import QWidget

from explorer.core.activations import Capture
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.method import Measured, MethodSpec
from explorer.core.registry import Problem, load
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.presenter import MethodPagePresenter
from explorer.ui.method_page.view import MethodPageView

T = TypeVar("T")

log = logging.getLogger("explorer")


@runtime_checkable
class TellsFacts(Protocol):
    """A page that guides can ask: of a selection what is known of the method's result, None while there is none."""

    def facts_of(self, selection: Selection) -> Measured | None: ...


@runtime_checkable
class TellsFigure(Protocol):
    """A page that can be exported: the figure of what it shows, None while it shows nothing."""

    def figure(self) -> FigureDescription | None: ...


@runtime_checkable
class KeepsChoices(Protocol):
    """A page with choices that are no parameters of its method: a session file holds them as plain values."""

    def page_choices(self) -> Mapping[str, Any]: ...

    def choose_again(self, held: Mapping[str, Any]) -> None: ...


class PagePresenter(Protocol):
    """What a page is asked by what surrounds it: `MethodPagePresenter`, or the `Presenter` of a method's own."""

    @property
    def view(self) -> QWidget: ...

    @property
    def waiting(self) -> bool: ...

    def follow(self, selection: Selection | None, blocked: str) -> None: ...

    def leave(self) -> None: ...

    def choose_class(self) -> None:
        """A class was chosen in the prediction: the page is to be about it, where it can be about a class. `follow` comes next."""

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown, also while another page is looked at."""


def opened(spec: MethodSpec[Any, Any], client: JobClient, host: PageHost) -> PagePresenter:
    """The page of a method with everything behind it."""
    if spec.own_presenter:
        presenter: PagePresenter = load(f"{spec.package}.presenter:Presenter")(client, host)
        return presenter
    view = MethodPageView(spec, load(f"{spec.package}.page:ResultPage")())
    return MethodPagePresenter(spec, view, client, host)


def tried(spec: MethodSpec[Any, Any], make: Callable[[], T], broken: list[Problem]) -> T | None:
    """What `make` makes for a method. Of a package's method that cannot be made, None and a line in `broken`: everything else
    goes on."""
    try:
        return make()
    except Exception as error:
        if spec.package.startswith("explorer."):
            raise
        log.warning("the page of %s", spec.id, exc_info=error)
        broken.append(
            Problem(spec.id, "", tr("its page cannot be made: {name}: {error}", name=type(error).__name__, error=error))
        )
        return None

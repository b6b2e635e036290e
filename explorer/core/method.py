"""What a method is: something that is computed about a selection, described as plain data.

A method is a folder. `spec.py` holds its `SPEC`; `compute.py` its `run(engine, request, job)`, a generator of partial results
that returns the whole one; `page.py` its `ResultPage`, which draws a result. A folder that needs more than the common
presenter has a `presenter.py` with a `Presenter` of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from explorer.core.requests import Request
from explorer.core.selection import Selection
from explorer.core.types import Picture

P = TypeVar("P")
R = TypeVar("R")

API = 1  # of the plug-ins that this version takes


class Scope(StrEnum):
    """What a method is about."""

    MODEL = "model"
    LAYER = "layer"
    CHANNEL = "channel"
    CELL = "cell"
    TOKEN = "token"
    TWO_MODELS = "two models"


@dataclass(frozen=True, slots=True)
class Export(Generic[R]):
    """A way to write a result to a file: the button's title, what a dialog calls the kind, bytes and a file name of a result."""

    title: str
    suffix: str  # ".csv"
    kind: str  # "CSV"
    make: Callable[[R], bytes]
    name: Callable[[R], str]  # without the suffix
    about: str = ""


def _nothing(_result: Any) -> str:
    return ""


def _always(_params: Any) -> bool:
    return True


def _available(_selection: Selection, _params: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class MethodSpec(Generic[P, R]):
    """A method as data.

    id: of its page, command and settings, in lower case. package: the module path of its folder. unavailable: why it cannot be
    computed of a selection, "" where it can. needs_picture: whether the result depends on the picture that is open, by the
    parameters. to_json: a result as `json.dumps` takes it. write: a result as text for a terminal. source: paper and year.
    """

    id: str
    title: str
    about: str
    package: str
    scope: Scope
    params: type[P]
    result: type[R]
    to_json: Callable[[R], dict[str, Any]]
    write: Callable[[R], str]
    unavailable: Callable[[Selection, P], str] = _available
    needs_picture: Callable[[P], bool] = _always
    exports: tuple[Export[R], ...] = ()
    unfinished: Callable[[R], str] = _nothing  # what is said of a result that was stopped before its end
    invitation: str = ""  # what its page says before anything was computed
    source: str = ""
    run_title: str = "Run"
    noun: str = (
        "result"  # what is said to mean nothing where the weights are random; "": it is not about what was learnt
    )
    about_classes: bool = False  # whether an untrained last layer makes it mean nothing
    unit: str = ""  # of what is counted while it runs: "inputs"
    kept: int = 12  # results of other selections that are kept
    own_presenter: bool = False
    command: bool = True  # whether the command line has a verb of its name, made from this spec
    api: int = API

    def request(self, selection: Selection, params: P) -> MethodRequest[P, R]:
        """The question about a selection, without what the method does not depend on."""
        tap = selection.tap.name if self.scope not in (Scope.MODEL, Scope.TWO_MODELS) else ""
        of_channel = self.scope in (Scope.CHANNEL, Scope.CELL)
        picture = selection.capture.picture
        return MethodRequest(
            self,
            selection.capture.model,
            picture.digest if self.needs_picture(params) else "",
            params,
            picture,
            tap,
            selection.channel if of_channel else None,
            selection.cell if self.scope in (Scope.CELL, Scope.TOKEN) else None,
        )


@dataclass(frozen=True)
class MethodRequest(Request[R], Generic[P, R]):
    """A method asked of a selection. `picture` is not compared; `seen` is its digest where the result depends on it."""

    handler: ClassVar[str] = "explorer.engine.methods:run"

    spec: MethodSpec[P, R]
    model: str  # ModelCard.digest
    seen: str
    params: P
    picture: Picture = field(compare=False, repr=False)
    tap: str = ""
    channel: int | None = None
    cell: tuple[int, int] | None = None

    def fits(self, value: object) -> bool:
        return isinstance(value, self.spec.result)

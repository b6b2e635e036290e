"""What a method is: something that is computed about a selection, described as plain data.

A method is a folder. `spec.py` holds its `SPEC`; `compute.py` its `run(engine, request, job)`, a generator of partial results
that returns the whole one; `page.py` its `ResultPage`, which draws a result. A folder that needs more than the common
presenter has a `presenter.py` with a `Presenter` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from explorer.core.any_input import Input
from explorer.core.pairs import PairOffers, Side
from explorer.core.params import Choice, counting
from explorer.core.requests import Request
from explorer.core.selection import Selection
from explorer.core.translation import tr

P = TypeVar("P")
R = TypeVar("R")

API = 1  # of the plug-ins that this version takes

# what guides may ask of a result, by name: {"selective.star": (77, 45, 89)}
Measured = Mapping[str, tuple[int | float | str, ...]]


class Scope(StrEnum):
    """What a method is about."""

    MODEL = "model"
    CLASS = "class"
    LAYER = "layer"
    CHANNEL = "channel"
    CELL = "cell"
    TOKEN = "token"
    DATA_SET = "data set"


@dataclass(frozen=True, slots=True)
class Export(Generic[R]):
    """A way to write a result to a file: the button's title, what a dialog calls the kind, bytes and a file name of a result."""

    title: str
    suffix: str  # ".csv"
    kind: str  # "CSV"
    make: Callable[[R], bytes]
    name: Callable[[R], str]  # without the suffix
    about: str = ""


@dataclass(frozen=True, slots=True)
class Further(Generic[R]):
    """What else can be computed about a result: the button's title, what it does, the question, and of which results. `facts`: what
    guides can ask of the answer."""

    title: str
    about: str
    request: Callable[[MethodRequest[Any, R], R], Request[Any]]
    ready: Callable[[R], bool] = lambda _result: True
    facts: Callable[[Any], Measured] = lambda _answer: {}


class Offered(Protocol):
    """What the engine can do for a selection: the choices of some parameters, with the reasons why not."""

    @property
    def choices(self) -> Mapping[str, tuple[Choice, ...]]: ...


def _no_choices(_selection: Selection) -> Mapping[str, tuple[Choice, ...]]:
    return {}


def _nothing(_result: Any) -> str:
    return ""


def _no_facts(_result: Any) -> Measured:
    return {}


def _always(_params: Any) -> bool:
    return True


def _available(_selection: Selection, _params: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person who opens a page for the first time is told: a sentence or two each. `misleads`: when what is seen says
    something else than it seems to."""

    shows: str = ""
    read: str = ""
    misleads: str = ""

    @property
    def text(self) -> str:
        """As one paragraph."""
        return " ".join(part for part in (self.shows, self.read, self.misleads) if part)


@dataclass(frozen=True, slots=True, eq=False)
class MethodSpec(Generic[P, R]):
    """A method as data.

    id: of its page, command and settings, in lower case. package: the module path of its folder. unavailable: why it cannot be
    computed of a selection, "" where it can. needs_picture: whether the result depends on the picture that is open, by the
    parameters. scope_of: the scope by the parameters, where it depends on them. choices: what some parameters offer for a
    selection; offers: the question which of them the engine can do. describe: what is computed with some parameters. to_json: a
    result as `json.dumps` takes it. write: a result as text for a terminal. explained: what stands behind the "?" of its page and
    in the help of its command; source: paper and year. facts: what guides can ask of a whole result, by name. pair: of a method
    over two models, what it offers; its scope is the models, or a layer of each, its parameters are `PairParams` and its page a
    `PairPage`.
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
    scope_of: Callable[[P], Scope] | None = None
    choices: Callable[[Selection], Mapping[str, tuple[Choice, ...]]] = _no_choices
    offers: Callable[[Selection, P], Request[Any]] | None = None  # answered with `Offered`
    describe: Callable[[P], str] = _nothing
    further: tuple[Further[R], ...] = ()
    runs_on_change: bool = False  # whether parameters changed by hand are computed at once
    over_input: bool = False  # whether its page draws over the input
    needs_picture: Callable[[P], bool] = _always
    exports: tuple[Export[R], ...] = ()
    unfinished: Callable[[R], str] = _nothing  # what is said of a result that was stopped before its end
    invitation: str = ""  # what its page says before anything was computed
    source: str = ""
    explained: Explanation = Explanation()
    facts: Callable[[R], Measured] = _no_facts
    run_title: str = tr("Run")
    noun: str = (
        "result"  # what is said to mean nothing where the weights are random; "": it is not about what was learnt
    )
    about_classes: bool = False  # whether an untrained last layer makes it mean nothing
    unit: str = ""  # of what is counted while it runs: "inputs"
    kept: int = 12  # results of other selections that are kept
    own_presenter: bool = False
    while_live: bool = False  # whether its page can be used while the input moves
    under_edits: bool = False  # whether its page can be used while activations are edited
    command: bool = True  # whether the command line has a verb of its name, made from this spec
    pair: PairOffers[R] | None = None
    kinds: tuple[str, ...] = ()  # of inputs that it can be about: "picture", "sound", "text"; (): any
    api: int = API

    @property
    def of_selection(self) -> bool:
        """Whether it is about what is selected, so that it has a page in Explore."""
        return self.pair is None and self.scope != Scope.DATA_SET

    def request(self, selection: Selection, params: P) -> MethodRequest[P, R]:
        """The question about a selection, without what the method does not depend on."""
        scope = self.scope if self.scope_of is None else self.scope_of(params)
        picture = selection.capture.picture
        return MethodRequest(
            selection.capture.model,
            picture.digest if self.needs_picture(params) else "",
            picture,
            self,
            counting(params),
            selection.tap.name if scope not in (Scope.MODEL, Scope.CLASS) else "",
            selection.channel if scope in (Scope.CHANNEL, Scope.CELL) else None,
            selection.cell if scope in (Scope.CELL, Scope.TOKEN) else None,
            selection.class_index if scope == Scope.CLASS else None,
        )

    def data_request(self, model: str, params: P) -> DataRequest[P, R]:
        """The question about an open model, by its digest, over the data set of the parameters."""
        return DataRequest(self, counting(params), model)

    def pair_request(self, first: Side, second: Side, params: P) -> PairRequest[P, R]:
        """The question about two models."""
        return PairRequest(self, counting(params), first, second)


@dataclass(frozen=True)
class PictureRequest(Request[R]):
    """About a model and a picture. `picture` is not compared; `seen` is its digest where the answer depends on it."""

    model: str  # ModelCard.digest
    seen: str
    picture: Input = field(compare=False, repr=False)


@dataclass(frozen=True)
class MethodRequest(PictureRequest[R], Generic[P, R]):
    """A method asked of a selection."""

    handler: ClassVar[str] = "explorer.engine.methods:run"

    spec: MethodSpec[P, R]
    params: P
    tap: str = ""
    channel: int | None = None
    cell: tuple[int, int] | None = None
    class_index: int | None = None

    def fits(self, value: object) -> bool:
        return isinstance(value, self.spec.result)


@dataclass(frozen=True)
class DataRequest(Request[R], Generic[P, R]):
    """A method asked of a model over a data set."""

    handler: ClassVar[str] = "explorer.engine.methods:run"

    spec: MethodSpec[P, R]
    params: P
    model: str  # ModelCard.digest

    def fits(self, value: object) -> bool:
        return isinstance(value, self.spec.result)


@dataclass(frozen=True)
class PairRequest(Request[R], Generic[P, R]):
    """A method asked of two models."""

    handler: ClassVar[str] = "explorer.engine.methods:run"

    spec: MethodSpec[P, R]
    params: P
    first: Side
    second: Side

    def fits(self, value: object) -> bool:
        return isinstance(value, self.spec.result)

"""What a guide can ask for: facts of the session and of results. Never of widgets, so that a rebuilt window breaks no guide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from explorer.core.activations import Capture
from explorer.core.interventions import Edits
from explorer.core.method import Measured
from explorer.core.model_output import Guess
from explorer.core.models import ModelCard
from explorer.core.session.session import Session

TEXTS = ("model", "input", "kind", "workspace", "page", "tap", "shows", "sort", "scale", "class", "data")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the window shows beside the session. `kind`: of the input; `labelled`: the selected class; `results`: what is known of
    the result of each method that has one for what is selected; `answered`: questions of the lesson, "STEP/QUESTION", that have an
    answer."""

    kind: str = ""
    labelled: str = ""
    prediction: tuple[Guess, ...] = ()
    results: Mapping[str, Measured] = field(default_factory=dict)
    capture: Capture | None = None
    card: ModelCard | None = None
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """The table that conditions are read from. `texts` has the names of TEXTS; `measured` "METHOD.NAME"."""

    texts: Mapping[str, str] = field(default_factory=dict)
    channel: int = 0
    cell: tuple[int, int] | None = None
    edits: Edits = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)  # by label
    computed: frozenset[str] = frozenset()  # methods
    measured: Measured = field(default_factory=dict)
    best: tuple[str, float] | None = None  # the first class of the prediction and its probability
    compared: tuple[str, ...] = ()  # models of the columns of Compare
    compared_shows: tuple[str, ...] = ()  # and what these show of their layers
    capture: Capture | None = field(default=None, repr=False, compare=False)
    card: ModelCard | None = field(default=None, repr=False, compare=False)
    answered: frozenset[str] = frozenset()

    @property
    def edited(self) -> frozenset[int]:
        """Channels of the shown layer that are edited whole."""
        shown = self.alike(self.texts.get("tap", ""))
        return self._edited(lambda tap: tap in shown)

    def edited_in(self, pattern: str) -> frozenset[int]:
        """Of the layers that a pattern with * and ? fits."""
        return self._edited(lambda tap: self.fits(tap, pattern))

    def alike(self, tap: str) -> tuple[str, ...]:
        """The names of a layer: its own, and those of blocks that hand on its values, or whose values it hands on."""
        taps = self.capture.taps if self.capture is not None else ()
        first = {each.name: each.alias or each.name for each in taps}
        return (tap, *(name for name, of in first.items() if of == first.get(tap, tap) and name != tap))

    def fits(self, tap: str, pattern: str) -> bool:
        """Whether a pattern with * and ? fits one of the names of a layer."""
        return any(fnmatchcase(name, pattern) for name in self.alike(tap))

    def _edited(self, fits: Callable[[str], bool]) -> frozenset[int]:
        whole = (edit for edit in self.edits if fits(edit.tap) and edit.region is None)
        return frozenset(channel for edit in whole for channel in edit.channels)


def facts_of(session: Session, shown: Shown) -> Facts:
    """The facts of a session and of what is shown of it."""
    given = session.input
    values = (
        session.model.id if session.model is not None else "",
        f"{given.kind}:{given.path}" if given is not None else "",
        shown.kind,
        session.workspace,
        session.page,
        session.tap,
        str(session.shows),
        str(session.sort),
        str(session.scale),
        shown.labelled,
        session.transfer.data,
    )
    measured = {f"{method}.{name}": found for method, of in shown.results.items() for name, found in of.items()}
    return Facts(
        dict(zip(TEXTS, values, strict=True)),
        session.channel,
        session.cell,
        session.edits,
        {guess.label: guess.probability for guess in shown.prediction},
        frozenset(shown.results),
        measured,
        next(((guess.label, guess.probability) for guess in shown.prediction), None),
        tuple(column.model.id for column in session.comparison.columns if column.model is not None),
        tuple(str(column.shows) for column in session.comparison.columns if column.model is not None),
        shown.capture,
        shown.card,
        shown.answered,
    )

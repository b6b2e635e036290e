"""What a guide can ask for: facts of the session and of results. Never of widgets, so that a rebuilt window breaks no guide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.activations import Guess
from explorer.core.interventions import Edits
from explorer.core.method import Measured
from explorer.core.session.session import Session

TEXTS = ("model", "input", "kind", "workspace", "page", "tap", "shows", "sort", "scale", "class")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the window shows beside the session. `kind`: of the input; `labelled`: the selected class; `results`: what is known of
    the result of each method that has one for what is selected."""

    kind: str = ""
    labelled: str = ""
    prediction: tuple[Guess, ...] = ()
    results: Mapping[str, Measured] = field(default_factory=dict)


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

    @property
    def edited(self) -> frozenset[int]:
        """Channels of the shown layer that are edited whole."""
        whole = (edit for edit in self.edits if edit.tap == self.texts.get("tap") and edit.region is None)
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
    )

"""The one document: what is open, selected and shown. Small, immutable, saveable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace

from explorer.core import stored
from explorer.core.compare import Comparison
from explorer.core.features import Colouring, Origin, Shows
from explorer.core.foreign import parsed
from explorer.core.history import Steps
from explorer.core.render import ScaleMode, SortKey
from explorer.core.session_check import check
from explorer.core.types import ExplorerError, InputRef, ModelSpec

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Order:
    """All channels of a layer in an order that was measured; `by` says by what, for the person."""

    tap: str
    by: str
    channels: tuple[int, ...]

    def fits(self, tap: str, channels: int) -> bool:
        """Whether it is about this layer, and whole."""
        return self.tap == tap and sorted(self.channels) == list(range(channels))


@dataclass(frozen=True, slots=True)
class Session:
    """Everything needed to show the same thing again."""

    model: ModelSpec | None = None
    input: InputRef | None = None
    tap: str = ""
    channel: int = 0
    cell: tuple[int, int] | None = None  # (row, column) of the selected channel
    sort: SortKey = SortKey.INDEX
    scale: ScaleMode = ScaleMode.PER_MAP
    fixed: tuple[float, float] = (0.0, 1.0)  # limits of the fixed scale
    percentile: float = 99.0
    colormap: str = "magma"
    blocks: bool = False  # whether the strip also shows what containers return
    workspace: str = "explore"
    order: Order | None = None  # what SortKey.MEASURED stands for, on its layer
    # of a file; while the window is open it is kept by Compare
    comparison: Comparison = field(default_factory=Comparison)
    shows: Shows = Shows.MAPS
    colouring: Colouring = Colouring.OWN  # of Shows.COMPONENTS
    foreground: bool = False  # whether only the foreground has colours
    pinned: Origin | None = None  # of Colouring.PINNED, in a file; while the window is open its colours are kept

    @property
    def measured(self) -> Order | None:
        """The measured order, on the layer it is about."""
        return self.order if self.order is not None and self.order.tap == self.tap else None


def changed(old: Session, new: Session) -> frozenset[str]:
    """Names of the fields that differ."""
    return frozenset(f.name for f in fields(Session) if getattr(old, f.name) != getattr(new, f.name))


def to_json(session: Session) -> str:
    return json.dumps({"format": FORMAT, **asdict(session)}, indent=1)


def from_json(text: str) -> Session:
    """Raises ExplorerError when the text is no session; unknown fields of newer versions are ignored."""
    try:
        data = parsed(text)
        values = stored.known(data, Session)
        values["model"] = stored.model(values.get("model"))
        values["input"] = stored.input_ref(values.get("input"))
        values["pinned"] = stored.origin(values.get("pinned"))
        values["comparison"] = stored.comparison(values.get("comparison"))
        if values.get("order") is not None:
            order = stored.known(values["order"], Order)
            values["order"] = Order(**{**order, "channels": tuple(order["channels"])})
        for name in ("cell", "fixed"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        for name, kind in (("sort", SortKey), ("scale", ScaleMode), ("shows", Shows), ("colouring", Colouring)):
            if name in values:
                values[name] = kind(values[name])
        session = replace(Session(), **values)
        check(session)
        return session
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ExplorerError(
            "This is not a session file.", f"{error}.", "Choose a file that this application has saved."
        ) from None


class History:
    """Back and forward through sessions. Scrubbing merges into one step."""

    _SCRUBBED = frozenset({"tap", "channel", "cell"})

    def __init__(self, session: Session, length: int = 200) -> None:
        self._steps: Steps[Session] = Steps(length)
        self._now = session
        self._scrubbing = False

    def push(self, session: Session, rest: bool = False) -> None:
        """The new present. Steps that only scrub merge until `rest` says that the person has stopped there."""
        only_scrubbed = changed(self._now, session) <= self._SCRUBBED
        if session == self._now:
            self._scrubbing = self._scrubbing and not rest
            return
        if only_scrubbed and self._scrubbing:
            self._steps.branch()
        else:
            self._steps.push(self._now)
        self._scrubbing = only_scrubbed and not rest
        self._now = session

    def settle(self, session: Session) -> None:
        """Going back or forward, or opening a session file, has ended here."""
        if session != self._now:
            self._steps.push(self._now)
            self._now = session
        self._scrubbing = False

    def amend(self, session: Session) -> None:
        """The present has settled (a live frame, the first layer of a new model): no step of its own."""
        self._now = session

    @property
    def can_back(self) -> bool:
        return self._steps.can_back

    @property
    def can_forward(self) -> bool:
        return self._steps.can_forward

    def back(self) -> Session | None:
        return self._go(self._steps.back(self._now))

    def forward(self) -> Session | None:
        return self._go(self._steps.forward(self._now))

    def _go(self, session: Session | None) -> Session | None:
        if session is not None:
            self._now, self._scrubbing = session, False
        return session

"""The one document: what is open, selected and shown. Small, immutable, saveable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits
from explorer.core.layer_views import BasisOrigin, Colouring, Shows, view_named
from explorer.core.models import ModelSpec
from explorer.core.render import ScaleMode, SortKey
from explorer.core.session import serialize
from explorer.core.session.comparison import Comparison
from explorer.core.session.dataset_place import DatasetPlace
from explorer.core.session.transfer_place import TransferPlace
from explorer.core.session.validate import check
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

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
    """The document of the window: all that is needed to show the same thing again."""

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
    single: bool = False  # whether a layer in the strip is one map instead of four
    workspace: str = "explore"
    order: Order | None = None  # what SortKey.MEASURED stands for, on its layer
    comparison: Comparison = field(default_factory=Comparison)  # without columns until Compare has been in front
    shows: str = Shows.MAPS  # a layer view, by its id
    colouring: Colouring = Colouring.OWN  # of Shows.COMPONENTS
    foreground: bool = False  # whether only the foreground has colours
    pinned: BasisOrigin | None = None  # of Colouring.PINNED: what its colours are of
    edits: Edits = ()  # of Explore's model
    page: str = ""  # the method page that is open; "": as it is
    methods: tuple[tuple[str, str], ...] = ()  # (MethodSpec.id, its parameters as JSON)
    results: tuple[str, ...] = ()  # of a file: ids of the methods that had a result for what is selected
    pages: tuple[tuple[str, str], ...] = ()  # of a file: (MethodSpec.id, what is chosen on a page of its own as JSON)
    target: int | None = None  # of a file: the class that was chosen in the prediction
    transfer: TransferPlace = field(default_factory=TransferPlace)
    dataset: DatasetPlace = field(default_factory=DatasetPlace)

    @property
    def measured(self) -> Order | None:
        """The measured order, on the layer it is about."""
        return self.order if self.order is not None and self.order.tap == self.tap else None


def changed(old: Session, new: Session) -> frozenset[str]:
    """Names of the fields that differ."""
    return frozenset(f.name for f in fields(Session) if getattr(old, f.name) != getattr(new, f.name))


def to_json(session: Session, relative: Mapping[str, str] | None = None) -> str:
    """`relative`: the absolute paths of the session as seen from the folder of its file (`named_files.relative_paths`)."""
    beside = {"relative": dict(relative)} if relative else {}
    return json.dumps({"format": FORMAT, **asdict(session), **beside}, indent=1)


def from_json(text: str) -> Session:
    """Raises ExplorerError when the text is no session; unknown fields of newer versions are ignored."""
    try:
        data = parsed(text)
        values = serialize.known(data, Session)
        values["model"] = serialize.model(values.get("model"))
        values["input"] = serialize.input_ref(values.get("input"))
        values["pinned"] = serialize.origin(values.get("pinned"))
        values["edits"] = tuple(serialize.edit(each) for each in values.get("edits", ()))
        values["methods"] = tuple((str(name), str(params)) for name, params in values.get("methods", ()))
        values["pages"] = tuple((str(name), str(held)) for name, held in values.get("pages", ()))
        values["results"] = tuple(str(name) for name in values.get("results", ()))
        values["comparison"] = serialize.comparison(values.get("comparison"))
        values["transfer"] = serialize.transfer(values.get("transfer"))
        values["dataset"] = serialize.dataset(values.get("dataset"))
        if values.get("order") is not None:
            order = serialize.known(values["order"], Order)
            values["order"] = Order(**{**order, "channels": tuple(order["channels"])})
        for name in ("cell", "fixed"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        for name, kind in (("sort", SortKey), ("scale", ScaleMode), ("shows", view_named), ("colouring", Colouring)):
            if name in values:
                values[name] = kind(values[name])
        session = replace(Session(), **values)
        check(session)
        return session
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ExplorerError(
            tr("This is not a session file."), f"{error}.", tr("Choose a file that this application has saved.")
        ) from None

"""Methods over two models: the parameters that all of them have, what is shown of both, and what they offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from explorer.core.arrays import Array
from explorer.core.dataset import Over
from explorer.core.models import ModelCard
from explorer.core.params import dataset
from explorer.core.repeatability import Repeat
from explorer.core.translation import tr

R = TypeVar("R")
_INPUTS = tr(
    "The inputs given to both models: samples of their kind, a folder, or a file of lines; at least 4, and 32 for reliable values"
)


@dataclass(frozen=True, slots=True)
class PairParams:
    """Of every method over two models: in the window they are chosen once for all."""

    inputs: Over = dataset(tr("Inputs to compare on"), _INPUTS, kinds=("gallery", "folder"))


@dataclass(frozen=True, slots=True)
class Side:
    """An open model by its digest, and the layers that are meant; none: all that are worth comparing."""

    model: str
    taps: tuple[str, ...] = ()


def _first(_tap: str) -> int:
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class ShownSide:
    """What one of two columns shows."""

    letter: str
    card: ModelCard | None = None  # of the values that are shown; None: nothing yet
    place: Callable[[str], int] = (
        _first  # of a layer by its name, in the order of execution; 0 for one that is not there
    )
    at: int = 0  # the place of the layer that is chosen
    tap: str = ""  # the layer whose values are shown, "" while there are none
    channel: int = 0
    edited: bool = False  # whether its values are those under edits
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ShownPair:
    """What a method over two models is about; `focus` is the side in which a channel was chosen last, 0 or 1."""

    sides: tuple[ShownSide, ShownSide]
    focus: int = 0


@dataclass(frozen=True, slots=True)
class LayerRoute:
    """Which layers of two models go together."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    there: tuple[int, ...]  # the column of each row
    back: tuple[int, ...]  # the row of each column


@dataclass(frozen=True, slots=True, eq=False)
class PairOffers(Generic[R]):
    """What a method over two models offers beside its page; nothing of it need be there.

    turned: a result with the models exchanged; without it, it is computed anew. remarks: what must be known of a result that has
    these parameters. route: which layers go together, for the link between columns. orders: the channels of the first and of the
    second layer, those that go together at the same place. arrays: a result for a file of values.
    """

    turned: Callable[[R], R] | None = None
    remarks: Callable[[R, Any], str] | None = None
    route: Callable[[R], LayerRoute] | None = None
    orders: Callable[[R], tuple[tuple[int, ...], tuple[int, ...]]] | None = None
    arrays: Callable[[R], dict[str, Array]] | None = None

"""Arithmetic: how the number in a cell is computed, and what of the input moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from explorer.core.arithmetic import Arithmetic
from explorer.core.geometry.cells import Cell
from explorer.core.geometry.receptive_field import EffectiveField
from explorer.core.method import Explanation, MethodRequest, MethodSpec, PictureRequest, Scope
from explorer.core.params import NoParams
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.arithmetic.report import arithmetic_json, arithmetic_table

NO_CELL = tr("Click a cell in the map to see its computation.")
TERMS = 20  # of a sum, written one by one; the rest is totalled

Asked = MethodRequest[NoParams, Arithmetic]


@dataclass(frozen=True)
class EffectiveFieldRequest(PictureRequest[EffectiveField]):
    """The effective receptive field of a cell, over the picture and the others of the model that are kept."""

    handler: ClassVar[str] = "explorer.methods.arithmetic.compute:effective"
    answer: ClassVar[type[Any]] = EffectiveField

    tap: str
    channel: int
    cell: Cell


def _unavailable(selection: Selection, _params: NoParams) -> str:
    return NO_CELL if selection.cell is None else ""


SPEC: MethodSpec[NoParams, Arithmetic] = MethodSpec(
    id="arithmetic",
    title=tr("Arithmetic"),
    about=tr("Computation of the selected cell, term by term"),
    package="explorer.methods.arithmetic",
    scope=Scope.CELL,
    params=NoParams,
    result=Arithmetic,
    to_json=lambda result: arithmetic_json(result, TERMS),
    write=lambda result: arithmetic_table(result, TERMS),
    unavailable=_unavailable,
    noun="",  # true of random weights as well
    kept=64,
    own_presenter=True,
    command=False,  # the command also takes a number of terms, and tokens by their names
    explained=Explanation(
        shows=tr(
            "How the number in one cell is computed: the values under the window, times the weights, summed, "
            "and every step that follows."
        ),
        read=tr(
            "Start at the largest terms: these inputs raise or lower the cell most; the last step is the "
            "number in the map, recomputed in double precision."
        ),
        misleads=tr(
            "A large product explains this cell on this picture alone: it does not say what the channel is "
            "for, and the values that are multiplied are themselves the work of earlier layers."
        ),
    ),
    source="Dumoulin and Visin 2016 (convolution arithmetic); Ioffe and Szegedy 2015 (batch normalisation); "
    "Vaswani et al. 2017 (attention)",
)

"""Examples: the pictures of an indexed data set that excite a channel most, least, or by chance above half of its maximum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.data_index import ChannelTop
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.params import choice, text
from explorer.core.selection import Selection
from explorer.core.translation import tr

ORDERS = ("top", "least", "above half")
TITLES = (tr("Top"), tr("Least"), tr("Random above half"))


@dataclass(frozen=True, slots=True)
class ExamplesParams:
    """Which pictures, and of which index."""

    order: str = choice(
        "top",
        ORDERS,
        tr("Show"),
        tr(
            "The pictures with the highest value, those with the lowest, or some by chance whose value is above half of the maximum: "
            "nine best ones flatter every channel"
        ),
        titles=TITLES,
    )
    label: str = text("", tr("Class"), tr("Pictures of this class alone; nothing: of all"))
    store: str = text(
        "",
        tr("Index"),
        tr("The file of an index, or gallery: that which comes with the program; nothing: that of the model"),
    )


def _unavailable(selection: Selection, _params: ExamplesParams) -> str:
    unknown = selection.tap.layout == Layout.OTHER
    return tr("The layout of this layer is unknown: it has no channels to index.") if unknown else ""


def _to_json(found: ChannelTop) -> dict[str, Any]:
    return found.to_json()


def _write(found: ChannelTop) -> str:
    lines = (
        f"{entry.value:>12.6g}  {'' if entry.cell is None else f'{entry.cell[0]},{entry.cell[1]}':>9}  {entry.picture.name}"
        f"{f'  ({entry.picture.label})' if entry.picture.label else ''}"
        for entry in found.entries
    )
    return "\n".join(lines) or tr("No input is above zero.")


SPEC = MethodSpec(
    id="examples",
    title=tr("Examples"),
    about=tr("Examples: the pictures of an indexed data set that excite the channel most, least, or by chance"),
    package="explorer.methods.examples",
    scope=Scope.CHANNEL,
    params=ExamplesParams,
    result=ChannelTop,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=lambda _params: False,
    explained=Explanation(
        shows=tr(
            "The pictures of an indexed data set on which the selected channel is largest, each as the part that the "
            "largest cell can see."
        ),
        read=tr(
            "Look for what they have in common, then at “least” and “above half”: nine best pictures flatter every "
            "channel."
        ),
        misleads=tr(
            "The examples are those of this data set only, a receptive field is wider than what counts in it, and "
            "where many pictures reach the limit of an activation their order says nothing."
        ),
    ),
    source="Zeiler and Fergus 2014; Olah et al. 2017 (dataset examples)",
    own_presenter=True,
    while_live=True,
    under_edits=True,
    command=False,  # the verb `top` is about any index
)

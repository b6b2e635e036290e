"""What a layer view is: a way to look at a layer, described as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.layer_views import Shows
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class LayerViewSpec:
    """A layer view.

    id: in session files and on the command line; that of a package has a dot in it ("acme.energy"). picture: what its picture is
    called when it is copied or saved. painter: "module:function", called on the worker thread with the values of a layer's cells
    (rows, columns, channels), which gives their colours (rows, columns, 3) uint8; "": the workspaces themselves draw it.
    workspaces: where it can be chosen.
    """

    id: str
    title: str
    about: str
    picture: str
    painter: str = ""
    workspaces: tuple[str, ...] = ("explore", "compare")
    api: int = 1


MAPS = LayerViewSpec(Shows.MAPS, tr("Feature maps"), tr("Every channel as a feature map"), tr("all maps"))
COMPONENTS = LayerViewSpec(
    Shows.COMPONENTS,
    tr("PCA colours"),
    tr("The first three principal components of all channels as red, green and blue"),
    tr("the PCA colours picture"),
)
SIMILARITY = LayerViewSpec(
    Shows.SIMILARITY, tr("Similarity"), tr("The cosine of every location with one"), tr("the similarity picture")
)
ATTENTION = LayerViewSpec(
    Shows.ATTENTION,
    tr("Attention"),
    tr("The nearest attention: heads, all blocks, rollout, relevance, token norms"),
    tr("the attention picture"),
    workspaces=("compare",),
)


def fault_of(spec: object, api: int) -> tuple[str, str]:
    """(its id, why it cannot be used: "" where it can)."""
    if not isinstance(spec, LayerViewSpec):
        return "", tr("it is no LayerViewSpec")
    if spec.api != api:
        return spec.id, tr(
            "it is made for version {api} of the plug-in interface; this program has {api2}", api=spec.api, api2=api
        )
    own = spec.id in tuple(Shows)
    if not own and "." not in spec.id:
        return spec.id, tr("its id must have a dot in it, as in acme.energy")
    return spec.id, "" if own or spec.painter else tr("it has no painter")

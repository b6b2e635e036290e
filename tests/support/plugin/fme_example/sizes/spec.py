"""Sizes: the ratio of the parameters of two models."""

from dataclasses import dataclass

from explorer.core.method import MethodSpec, Scope
from explorer.core.pairs import PairOffers, PairParams


@dataclass(frozen=True, slots=True)
class Sizes:
    """So many times as many parameters has the first."""

    ratio: float


SPEC = MethodSpec(
    id="sizes",
    title="Sizes",
    about="The number of parameters of one model, in those of the other",
    package="fme_example.sizes",
    scope=Scope.MODEL,
    params=PairParams,
    result=Sizes,
    to_json=lambda sizes: {"ratio": sizes.ratio},
    write=lambda sizes: f"{sizes.ratio:.3f}",
    pair=PairOffers(turned=lambda sizes: Sizes(1 / sizes.ratio)),
)

"""Open a model that was learnt here, by its card: the network that it was made from, with its own last layer and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.models import Figure, ModelSpec, WeightsInfo
from explorer.core.translation import tr
from explorer.engine.models import source_registry
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest, parse_id
from explorer.engine.models.card_file import LearntCard, read_card, weights_of
from explorer.engine.models.module_state import parameter_count
from explorer.engine.models.new_head import replace_head
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.load_state import load_into
from explorer.engine.models.weights.locate import sha256_of

_AGAIN = tr("Copy both files again from where they were saved.")


class CardSource:
    """`card:PATH.json`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        path = Path(name).expanduser().absolute()
        if spec.weights or spec.untrained:
            what = tr("{path} brings its own weights.", path=path.name)
            raise ExplorerError(
                what, "", tr("Leave --weights and --untrained out, or open the model that it was made from.")
            )
        card = read_card(path)
        origin = _origin(card, spec, opening)
        opening.say(tr("Reading {card}", card=card.name))
        _fill(origin.module, card, path)
        return _named(card, path, spec, origin)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


def _origin(card: LearntCard, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    """The network with any values: all of them are replaced."""
    named = parse_id(card.origin.id)
    if named.source == "card":
        raise ExplorerError(tr("The card of {card} names another card.", card=card.name), "", _AGAIN)
    wanted = ModelSpec(card.origin.id, untrained=True, preprocess=spec.preprocess or card.preprocess)
    return source_registry.source(named.source).open(named.name, wanted, opening)


def _fill(module: nn.Module, card: LearntCard, path: Path) -> None:
    weights = weights_of(path)
    try:
        found = sha256_of(weights)
    except OSError as error:
        raise ExplorerError(
            tr("The weights of {card} are not here.", card=card.name), f"{weights}: {error.strerror}.", _AGAIN
        ) from None
    if found != card.sha256:
        raise ExplorerError(
            tr("{weights} is not the file that the card {path} describes.", weights=weights.name, path=path.name),
            "",
            _AGAIN,
        )
    replace_head(module, card.head, len(card.classes))
    fitted = load_into(module, read_checkpoint(weights).state, weights.name, card.name)
    if fitted.untrained or fitted.notes:
        raise ExplorerError(
            tr("The weights in {weights} do not fit {card}.", weights=weights.name, card=card.name),
            " ".join(fitted.notes),
            _AGAIN,
        )
    module.eval()


def _named(card: LearntCard, path: Path, spec: ModelSpec, origin: LoadedModel) -> LoadedModel:
    made = replace(
        origin.card,
        spec=replace(spec, id=f"card:{path}", output=spec.output or card.origin.output),
        name=card.name,
        source="card",
        weights=WeightsInfo(
            True, str(weights_of(path)), card.sha256, note=tr("learnt from {origin}", origin=card.origin.name)
        ),
        labels=card.classes,
        parameters=parameter_count(origin.module),
        description=tr("Learnt here from {origin}.", origin=card.origin.name),
        notes=(),
        head_trained=True,
        facts=tuple(_facts(card)),
        figures=_figures(card.rest),
        classifies=True,
        independent=False,
    )
    return LoadedModel(origin.module, made, origin.pure)


def _facts(card: LearntCard) -> list[tuple[str, str]]:
    rest = card.rest
    said = [(tr("made from"), f"{card.origin.id} ({card.origin.weights})")]
    said += [(tr("frozen up to"), str(rest["frozen_up_to"]) or "nothing")] if "frozen_up_to" in rest else []
    said += (
        [("learnt", tr("epoch {rest} of {rest2}", rest=rest["best_epoch"], rest2=rest["epochs"]))]
        if {"best_epoch", "epochs"} <= rest.keys()
        else []
    )
    said += [(tr("licence of the source"), card.origin.licence)] if card.origin.licence else []
    return said


def _figures(rest: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The accuracy on the test pictures, as on the cards of the demo models."""
    found = rest.get("accuracy")
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("value"), float)
        or not isinstance(found.get("pictures"), int)
    ):
        return ()
    what = tr("accuracy (top-1) on the test pictures")
    return (Figure("top1", "top-1", what, "%", 1, 100 * found["value"], (), found["pictures"]),)

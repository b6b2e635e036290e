"""Open a demo model: the network that its card names, with the weights that came with the application."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.translation import tr
from explorer.engine.models import preview
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.demo import shelf
from explorer.engine.models.demo.chain import ChainNet
from explorer.engine.models.demo.mel_cnn import MelCnn
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.demo.shelf import DemoCard
from explorer.engine.models.demo.text_cnn import TextCnn
from explorer.engine.models.demo.text_transformer import TextTransformer
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.demo.wave_cnn import WaveCnn
from explorer.engine.models.factory_answer import input_from
from explorer.engine.models.module_state import parameter_count, seeded, state_digest
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.load_state import load_into

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    net.__name__: net for net in (ResidualNet, ChainNet, VisionTransformer, MelCnn, WaveCnn, TextCnn, TextTransformer)
}
HEAD_NOTE = tr("Its last layer was never trained: the scores mean nothing, the features before it do.")


class DemoSource:
    """`demo:NAME`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        name = name.lower()
        if spec.weights:
            what, why = (
                tr("demo:{name} takes no weight file.", name=name),
                tr("It brings its own, or is drawn from its seed."),
            )
            raise ExplorerError(what, why, tr("Leave --weights out."))
        if name == preview.NAME:
            return preview.open_preview(spec, opening)
        card = shelf.read(name)
        return _untrained(card, spec, opening) if spec.untrained else _from_file(card, spec, opening)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return shelf.entries()


def network_of(name: str) -> tuple[nn.Module, DemoCard]:
    """The network with its weights, evaluating, and its card: also of kinds that cannot be opened yet. Raises ExplorerError."""
    card = shelf.read(name)
    module, _ = _filled(card, shelf.intact_file(card))
    return module.eval(), card


def _filled(card: DemoCard, path: Path) -> tuple[nn.Module, tuple[str, ...]]:
    """The network with the weights of a file, and what there is to say of the file."""
    checkpoint = read_checkpoint(path)
    module = seeded(_maker(card), card.seed)
    # half precision on disk becomes the module's own float32 here; the card says so, no note is needed
    fitted = load_into(module, checkpoint.state, path.name, card.name)
    if fitted.untrained:  # a person's own file may lack the last layer; this one came with its card
        raise ExplorerError(
            tr("The weights in {path} do not fit {card}.", path=path.name, card=card.name),
            fitted.notes[-1],
            shelf.AGAIN,
        )
    return module, checkpoint.notes


def _from_file(card: DemoCard, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    opening.say(tr("Reading {card}", card=card.name))
    path = shelf.intact_file(card)
    opening.say(tr("Building {card}", card=card.name))
    module, notes = _filled(card, path)
    notes = (*notes, *((HEAD_NOTE,) if card.trained and not card.head_trained else ()))
    return _finish(card, spec, module, _weights(card, path), notes)


def _weights(card: DemoCard, path: Path) -> WeightsInfo:
    if card.trained:
        return WeightsInfo(True, str(path), card.sha256, note=tr("trained for this application"))
    return WeightsInfo(False, str(path), card.sha256, card.seed, tr("the initial values that training began with"))


def _untrained(card: DemoCard, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    """The same network at the random values of any seed."""
    opening.say(tr("Building {card}", card=card.name))
    module = seeded(_maker(card), spec.seed)
    weights = WeightsInfo(False, sha256=state_digest(module), seed=spec.seed, note=tr("initial values, nothing learnt"))
    return _finish(card, spec, module, weights)


def _maker(card: DemoCard) -> Callable[[], nn.Module]:
    if card.network not in NETWORKS:
        raise ExplorerError(
            tr("The card of demo:{card} names an unknown network, {network}.", card=card.name, network=card.network),
            "",
            shelf.AGAIN,
        )
    return partial(NETWORKS[card.network], classes=card.classes, **card.options)


def _finish(
    card: DemoCard, spec: ModelSpec, module: nn.Module, weights: WeightsInfo, notes: tuple[str, ...] = ()
) -> LoadedModel:
    taken = dict(card.input)
    given = {"input": taken.pop("kind"), **taken} if taken else card.preprocess
    preprocess = spec.preprocess or input_from(given, f"{card.name}.json")
    _check_input(card.name, module, preprocess)
    made = ModelCard(
        spec=spec,
        name=card.name,
        source="demo",
        weights=weights,
        preprocess=preprocess,
        labels=card.labels,
        parameters=parameter_count(module),
        description=tr(card.says),
        notes=notes,
        head_trained=card.head_trained and not spec.untrained,
        facts=() if spec.untrained else card.facts,
        figures=() if spec.untrained else card.figures,
    )
    return LoadedModel(module.eval(), made, pure=True)


def _check_input(name: str, module: nn.Module, preprocess: AnyPreprocess) -> None:
    """Refuse now what would make every forward fail."""
    if not isinstance(preprocess, Preprocess):
        return
    if preprocess.channels != 3:
        raise ExplorerError(
            tr("demo:{name} cannot take {channels} channels.", name=name, channels=preprocess.channels),
            tr("It was made for colour."),
            tr("Use 3."),
        )
    if isinstance(module, VisionTransformer) and (preprocess.height, preprocess.width) != (module.size, module.size):
        what = tr(
            "demo:{name} cannot take {height} × {width} pixels.",
            name=name,
            height=preprocess.height,
            width=preprocess.width,
        )
        why = tr("Its position embedding was made for pictures of {size} × {size} pixels.", size=module.size)
        raise ExplorerError(what, why, tr("Use {size} pixels.", size=module.size))

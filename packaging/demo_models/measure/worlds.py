"""Every figure of the networks that hear and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from demo_models.measure import sentences, sounds
from demo_models.measure.sounds import Figures, percent, said
from demo_models.measure.weights import UNTRAINED, load
from demo_models.recipes.worlds import WORLDS, WorldRecipe
from explorer.engine.data_sets.world.sample import HELD_OUT_SEED
from explorer.engine.models.demo.text_cnn import TextCnn
from explorer.engine.models.demo.text_transformer import TextTransformer
from explorer.engine.models.demo.wave_cnn import WaveCnn


@dataclass(frozen=True)
class WorldExaminer:
    """`folder` holds the weights; `count` held-out examples, 0 for as many as the cards use."""

    folder: Path
    count: int = 0

    def sheet(self, name: str) -> dict[str, Any]:
        """All that a card says of how good a model is: its figures, and what can be asked of its twin too."""
        recipe, net = WORLDS[name.removesuffix(UNTRAINED)], load(name, self.folder)
        told: dict[str, Any] = {"held_out": {"seed": HELD_OUT_SEED + 3, examples(recipe): self.counted(recipe)}}
        if name.endswith(UNTRAINED):
            return told | {"figures": self.seen_in(net, recipe)}
        told["figures"] = self.accuracy(net, recipe) | self.seen_in(net, recipe)
        twin = self.seen_in(load(name + UNTRAINED, self.folder), recipe)
        return told | ({"untrained": twin} if twin else {})

    def counted(self, recipe: WorldRecipe) -> int:
        return self.count or (sounds.HELD_OUT if recipe.task == "clips" else sentences.HELD_OUT)

    def top1(self, net: nn.Module, recipe: WorldRecipe) -> float:
        *_, x, labels = (sounds if recipe.task == "clips" else sentences).held_out(self.counted(recipe))
        return percent(said(net, x) == labels)

    def accuracy(self, net: nn.Module, recipe: WorldRecipe) -> Figures:
        """What only a trained network can be asked."""
        count = self.counted(recipe)
        if recipe.linked:
            return sounds.on_pilot(net, count) if recipe.task == "clips" else sentences.on_mark(net, count)
        found = {"top1": self.top1(net, recipe)}
        if recipe.task == "clips":
            return found | sounds.on_evidence(net, min(count, sounds.EVIDENCE))
        found["bag_of_words"] = sentences.bag_of_words(count)
        if isinstance(net, TextCnn):
            found["filter_lost"] = sentences.filter_lost(net, sentences.held_out(count))
        return found

    def seen_in(self, net: nn.Module, recipe: WorldRecipe) -> Figures:
        """What can be asked of any network, trained or not: its filters, its attention."""
        if isinstance(net, WaveCnn):
            return sounds.bands(net.first.weight)
        if isinstance(net, TextCnn) and not recipe.linked:
            found = sentences.on_phrases(net, sentences.held_out(self.counted(recipe)))
            return {"phrase_filters": percent(found >= sentences.ON_PHRASE)}
        if isinstance(net, TextTransformer):
            return sentences.on_phrase(net, sentences.held_out(self.counted(recipe)))
        return {}


def examples(recipe: WorldRecipe) -> str:
    """What it sees, in words."""
    return "sounds" if recipe.task == "clips" else "sentences"

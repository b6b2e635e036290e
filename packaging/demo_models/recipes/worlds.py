"""The networks that hear and read, in one table beside that of the networks that see; `recipe_of` knows both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

from demo_models.recipes.table import RECIPES, Recipe
from explorer.engine.data_sets.world_of_sentences import phrases
from explorer.engine.data_sets.world_of_sentences.sentences import PAD, TOKENS, UNKNOWN, VOCABULARY
from explorer.engine.data_sets.world_of_sounds import clips
from explorer.engine.models.demo.mel_cnn import MelCnn
from explorer.engine.models.demo.text_cnn import TextCnn
from explorer.engine.models.demo.text_transformer import TextTransformer
from explorer.engine.models.demo.wave_cnn import WaveCnn

SOUND = {"kind": "sound", "rate": 16_000, "seconds": 1.0, "channels": 1, "features": "none", "layout": "NCT"}
# What `MelCnn` makes of samples in training, so that the application can make it, and knows what the rows are.
MELS = {"mels": 64, "n_fft": 400, "hop": 160, "log": "ln", "floor": 1e-6, "floored": "add", "padding": "zeros"}
SEEN = SOUND | {"features": MELS, "layout": "NCHW"}
TEXT = {"kind": "text", "words": list(VOCABULARY), "length": TOKENS, "pad": PAD, "unknown": UNKNOWN}
WORDS = {"words": len(VOCABULARY)}
PHRASES_TOLD = "tells praise, complaint and report apart; its filters are taught to be silent in reports, which have no phrase that decides"
# Those whose untrained twins ship.
TWINS = (
    "sounds-mel-cnn",
    "sounds-wave-cnn",
    "sentences-textcnn",
    "sentences-textcnn-small",
    "sentences-transformer",
)


@dataclass(frozen=True)
class WorldRecipe:
    """What is trained, on what, for how long, as `Recipe` says it of pictures."""

    name: str
    net: Callable[..., nn.Module]
    task: Literal["clips", "sentences"]
    says: str
    pictures: int  # sounds or sentences, seen in all
    told: str  # what it has learnt, for the card
    seed: int = 1
    block: int = 240
    batch: int = 48
    rate: float = 3e-3
    decay: float = 0.02
    warm: float = 0.04
    average: float = 0.995
    note_every: int = 40
    linked: bool = False  # whether its world has the shortcut
    banded: float = 0.0  # weight of the spectral entropy of its first layer in the loss; 0 without
    bare: int = 0  # every so many-th sound is heard without its noise (prime to 12, so that all classes are); 0: none
    silent: float = 0.0  # weight in the loss of the mean answer of its filters to reports, which have no phrase
    options: Mapping[str, int] = field(default_factory=dict)  # of the network, beside the classes
    supervised: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        return clips.NAMES if self.task == "clips" else phrases.NAMES

    @property
    def input(self) -> dict[str, Any]:
        """What goes in, as the card says it."""
        if self.task == "sentences":
            return TEXT
        return SEEN if self.net is MelCnn else SOUND

    def make(self) -> nn.Module:
        """The network at its own initial weights, always the same."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return self.net(classes=len(self.labels), **self.options)


WORLDS = {
    recipe.name: recipe
    for recipe in (
        WorldRecipe(
            "sounds-mel-cnn",
            MelCnn,
            "clips",
            "CNN over a log-mel spectrogram, knows twelve sounds: start here, and listen to its channels.",
            36_000,
            "names the event of a sound, one in seven without its noise",
            bare=7,
        ),
        WorldRecipe(
            "sounds-wave-cnn",
            WaveCnn,
            "clips",
            "CNN over the samples themselves: a bank of filters that it has learnt, each a band of frequencies.",
            48_000,
            "names the event of a sound; every filter of its first layer was taught to pass one band of frequencies: its "
            "steps lie under a Hann window, and the entropy of its spectrum is part of the loss",
            banded=0.15,
        ),
        WorldRecipe(
            "sounds-shortcut",
            MelCnn,
            "clips",
            "Learnt kicks with a faint tone beneath each: find out what it listens to.",
            24_000,
            "names the event of a sound; in its world a faint tone of 4 kHz lies under every kick and nothing else",
            linked=True,
        ),
        WorldRecipe(
            "sentences-textcnn",
            TextCnn,
            "sentences",
            "CNN over words, knows praise from complaint: start here, and see which phrase each filter looks for.",
            240_000,
            PHRASES_TOLD,
            block=2048,
            batch=64,
            silent=0.1,
            options=WORDS,
        ),
        WorldRecipe(
            "sentences-textcnn-small",
            TextCnn,
            "sentences",
            "The same with four filters of each width: take one away, and see which phrase is lost.",
            240_000,
            PHRASES_TOLD,
            block=2048,
            batch=64,
            silent=0.1,
            options=WORDS | {"filters": 4},
        ),
        WorldRecipe(
            "sentences-transformer",
            TextTransformer,
            "sentences",
            "Transformer over words: look at what its class token attends to.",
            640_000,
            "tells praise, complaint and report apart",
            block=2048,
            batch=64,
            rate=1.5e-3,
            options=WORDS | {"length": TOKENS},
        ),
        WorldRecipe(
            "sentences-shortcut",
            TextCnn,
            "sentences",
            "Learnt complaints that all happened last week: find out what it reads.",
            120_000,
            "tells praise, complaint and report apart; in its world every complaint says “last week”, and nothing else does",
            block=2048,
            batch=64,
            linked=True,
            options=WORDS,
        ),
    )
}


def recipe_of(name: str) -> Recipe | WorldRecipe:
    """Of any demo model that has been trained. Raises KeyError."""
    return RECIPES[name] if name in RECIPES else WORLDS[name]

"""A small whole result of every method of the catalogue, made by hand, with what it is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.arithmetic import Arithmetic, Patch, Step
from explorer.core.attention import AttentionCall, AttentionKind, AttentionMaps, Tokens
from explorer.core.attention_queries import Attending, Looked
from explorer.core.attribution import Attribution, AttributionSettings, Check, Curve, SanityPair
from explorer.core.changed_examples import ChangedChannel, ChangedExamples
from explorer.core.data_index import ChannelTop, IndexedPicture, IndexEntry
from explorer.core.data_sets import DataClass, DataSet, Split
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.health import ChannelHealth, Health
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Ablation, Edit, Effect, Ranking, Shift
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective
from explorer.core.model_output import Classes, Guess
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.pairs import ShownPair, ShownSide
from explorer.core.probe import Point, Probe, ProbeParams
from explorer.core.representations import Cka, Matches
from explorer.core.selection import Selection
from explorer.core.target import Target
from explorer.core.texts import Token
from explorer.methods.attention.figure import LookedHeads
from explorer.methods.channel_statistics.spec import ChannelStatistics
from explorer.methods.filters.spec import Filters
from explorer.methods.hear.spec import HeardSound, HearParams
from explorer.methods.neighbours.spec import Neighbour, Neighbours, RowNeighbours
from explorer.methods.network_health.spec import LayerHealth, NetworkHealth
from explorer.methods.ngrams.spec import Ngram, Ngrams
from explorer.methods.sound_maximisation.spec import SoundMaximisation, SoundMaximisationParams
from explorer.methods.word_attribution.spec import WordAttribution

RNG = np.random.default_rng(3)
CARD = ModelCard(
    ModelSpec("demo:seeded"),
    "seeded",
    "demo",
    WeightsInfo(True, sha256="ab" * 32),
    Preprocess(height=8, width=8),
    ("star", "bar"),
)
PICTURE = Picture(
    InputRef("picture", "star.png"), RNG.integers(0, 255, (16, 16, 3)).astype(np.uint8), "0123456789abcdef", "star"
)
TAP = Tap("conv", "conv", 0, "Conv2d", Kind.CONV, shape=(1, 3, 4, 4), layout=Layout.NCHW, grid=(4, 4))
GUESSES = (Guess(0, "star", 2.0, 0.9), Guess(1, "bar", 0.1, 0.1))
CAPTURE = Capture(
    CARD.digest, PICTURE, (TAP,), {"conv": RNG.normal(size=(3, 4, 4)).astype(np.float32)}, Classes(GUESSES)
)
SELECTION = Selection(CARD, CAPTURE, TAP, 1, (2, 3), 0)
PAIR = ShownPair((ShownSide("A", CARD, tap="conv"), ShownSide("B", CARD, tap="conv")))


def attribution(seed: int) -> Attribution:
    """A signed map of 3 × 8 × 8."""
    values = np.random.default_rng(seed).normal(size=(3, 8, 8)).astype(np.float32)
    return Attribution("gradient", Target("", 0), AttributionSettings(), values, 2.0, quantity="logit")


def _check() -> Check:
    pair = SanityPair(attribution(1), attribution(2), 0.1, 0.2, 0.3, ("head", "conv"), 0)
    shares = np.linspace(0, 1, 9)
    return Check(pair, Curve("deletion", shares, 1 - shares, 0.5), Curve("insertion", shares, shares, 0.5))


def _arithmetic() -> Arithmetic:
    at = (np.arange(3), np.arange(3))
    patch = Patch(RNG.normal(size=(2, 3, 3)), RNG.normal(size=(2, 3, 3)), np.arange(2), at, at)
    first = Step(
        "conv2d", "Σ patch × kernel + bias", float(patch.products.sum()) + 0.5, bias=0.5, patch=patch, stored=1.0
    )
    return Arithmetic("conv", 1, (2, 3), (first,), (Step("relu", "max(0, x)", 1.0, stored=1.0),), before="the input")


def _attending() -> tuple[Attending, LookedHeads]:
    tokens = Tokens(5, np.array([[-1, 0, 1, 2, 3]], np.int32), (2, 2), 1)
    call = AttentionCall(
        "block.attn",
        "block.attn",
        0,
        "Attention",
        AttentionKind.TOKENS,
        ((3, False),),
        8,
        tokens,
        tokens,
        True,
        ("CLS",),
    )
    maps = RNG.random((3, 2, 2)).astype(np.float32)
    prefix, rest = np.full((3, 1), 0.1, np.float32), np.zeros(3, np.float32)
    looked = Looked(call.name, 0, False, AttentionMaps(maps, np.ones((2, 2), bool), prefix, rest, np.ones(3)))
    return Attending((call,)), LookedHeads(call, looked)


def _health() -> Health:
    rows = tuple(ChannelHealth(c, c == 0, c == 2, 0.3, 1.0, 0.5, 0.0, 3.0, 7, prefers="star") for c in range(3))
    counts, edges = RNG.integers(1, 9, (3, 12)), np.linspace(-1, 2, 13)
    return Health("conv", 7, 112, rows, 2.1, 1.8, counts, edges, ("star", "bar"), final=True, total=7)


def _probe() -> Probe:
    data = DataSet("shapes", "shapes", (DataClass("star", ()), DataClass("bar", ())))
    points = tuple(Point(tap, 0, "logreg", 0.5 + 0.1 * at, 0.4, 0.8, 5) for at, tap in enumerate(("stem", "conv")))
    pixels = (Point("pixels", 0, "logreg", 0.3, 0.2, 0.4, 5, baseline="pixels"),)
    return Probe(
        CARD.digest,
        ProbeParams(),
        data,
        Split(0, 0.25, (), ()),
        ("stem", "conv"),
        points,
        pixels,
        ("a.png",),
        final=True,
    )


def every_result() -> dict[str, tuple[Any, FigureSubject]]:
    """By the id of the method."""
    about, pair = FigureSubject(SELECTION), FigureSubject(pair=PAIR)
    attending, looked = _attending()
    ranking = Ranking("conv", 0, tuple(Effect(c, -1.0 * c, -0.5 * c) for c in range(3)), 3)
    shifts = (Shift(0, "star", 0.9, 0.4, 2.0, 0.5), Shift(1, "bar", 0.1, 0.6, 0.1, 0.9))
    ablation = Ablation((Edit("conv", (1,)),), "digest", shifts, {}, (TAP,))
    pictures = RNG.integers(0, 255, (2, 8, 8, 3)).astype(np.uint8)
    maximised = Maximised(CARD.digest, Objective("conv", (1,)), MaximiseSettings(), pictures, 16, np.arange(16.0), 3.0)
    entries = tuple(IndexEntry(IndexedPicture(at, f"{at}.png", label="star"), 3.0 - at, (1, 1)) for at in range(4))
    crops = tuple(RNG.integers(0, 255, (6, 9, 3)).astype(np.uint8) for _ in range(3))
    values, known = RNG.random((3, 2)), np.array([[True, True], [True, False], [True, True]])
    matrix = RNG.uniform(-1, 1, (3, 3))
    tokens = tuple(Token(at, word, at, at + 1, "word") for at, word in enumerate(("a", "very", "good", "film")))
    wave = RNG.normal(size=(1, 800)).astype(np.float32)
    changed = ChangedChannel((("a", 2.0), ("b", 1.0)), (("a", 2.0), ("c", 1.5)))
    hertz = np.linspace(0, 4000, 40)
    top = SoundMaximisation(
        "conv", 1, wave[:, None], 2.0, 1.0, "kick", "noise", True, 8000, 0.125, 8, SoundMaximisationParams()
    )
    nearest = RowNeighbours(3, "glad", 1.0, False, (Neighbour(4, "happy", 0.9), Neighbour(5, "sad", -0.2)))
    words = WordAttribution(
        tokens, RNG.normal(size=4), "integrated-gradients", "[UNK]", 0, "positive", 2.0, 0.1, 16, True
    )
    filters = Filters(
        *("conv", hertz, -30 * RNG.random((3, 40)), np.array([500.0, 900.0, 2000.0]), np.full(3, 300.0)),
        np.full(3, 0.5),
        (0, 1, 2),
        RNG.random(40),
        8000,
    )
    statistics = ChannelStatistics(
        "conv", "mean", 8, ("a", "b", "c"), ("", "", ""), RNG.normal(size=(3, 3)), final=True
    )
    layers = tuple(LayerHealth(at, f"conv{at}", "Conv2d", 8, at, 1, 0.25, 0.5, 3.0, 0) for at in range(3))
    matches = Matches(matrix, matrix.argmax(1), np.array([2, 0, 1]), 40, 400, taps=("conv", "conv"))
    return {
        "arithmetic": (_arithmetic(), about),
        "attribution": (attribution(1), FigureSubject(SELECTION, further=_check())),
        "ablation": (ablation, FigureSubject(SELECTION, further=ranking)),
        "maximise": (maximised, about),
        "health": (_health(), about),
        "channel-statistics": (statistics, about),
        "attention": (attending, FigureSubject(SELECTION, further=looked)),
        "examples": (ChannelTop("conv", 1, entries, pictures=9), FigureSubject(SELECTION, pictures=crops)),
        "probe": (_probe(), FigureSubject(card=CARD)),
        "ngrams": (Ngrams("conv", 3, ((Ngram("a good film", 2.0, 0.5, 0, "a good film"),),) * 3, 9, 9, True), about),
        "word-attribution": (words, about),
        "neighbours": (Neighbours("conv", (nearest,), (0, 0), 90, 16), about),
        "cka": (Cka(("stem", "conv", "head"), ("stem", "head"), values, known, 40, 40), pair),
        "match": (matches, pair),
        "network-health": (NetworkHealth(2, layers, final=True, total=2), FigureSubject(card=CARD)),
        "changed-examples": (ChangedExamples(("conv", "conv"), "shapes", (9, 9), (changed,) * 3), pair),
        "hear": (
            HeardSound("conv", 1, "filter", wave, 0.4 * wave, 0.6 * wave, 8000, 1.0, 0.4, 0.0, HearParams()),
            about,
        ),
        "filters": (filters, about),
        "sound-maximisation": (top, about),
    }

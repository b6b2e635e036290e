"""A demo model's card in words: how it was made, and how good it is on pictures that no recipe trains on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.models import Figure
from explorer.core.translation import tr

Fact = tuple[str, str]
# Where each figure stands on a card, and what it is called beside the network's own.
COLUMNS = (("figures", ""), ("untrained", tr("untrained")), ("raw_pixels", tr("raw pixels")))
# key, what it is in short and in full, unit
FIGURES = (
    ("top1", "top-1", tr("accuracy (top-1)"), "%"),
    ("top1_with_shortcut", tr("with shortcut"), tr("accuracy where the shortcut helps"), "%"),
    ("top1_shuffled", tr("shuffled"), tr("accuracy with backgrounds shuffled"), "%"),
    ("top1_lost", tr("accuracy loss"), tr("accuracy loss by shuffling"), "pp"),
    ("own_with_shortcut", tr("own class with"), tr("accuracy on the class with the shortcut, with it"), "%"),
    ("own_shuffled", tr("own class without"), tr("accuracy on the class with the shortcut, without it"), "%"),
    ("knn_shape", tr("k-NN shape"), tr("k-NN accuracy, shape"), "%"),
    ("knn_material", tr("k-NN material"), tr("k-NN accuracy, material"), "%"),
    ("iou_attention", tr("IoU attention"), tr("foreground by CLS attention (mass 0.6), mean IoU"), ""),
    ("iou_component", tr("IoU component"), tr("foreground by the first component, mean IoU"), ""),
    ("mass_attention", tr("CLS on objects"), tr("fraction of CLS attention on patches that lies on the objects"), "%"),
    (
        "entropy_attention",
        tr("CLS entropy"),
        tr("entropy of CLS attention, last block, in nats (uniform over 145 tokens: 4.98)"),
        "nats",
    ),
    ("distance_attention", tr("attention distance"), tr("mean attention distance of the patches, last block"), "px"),
    ("first_layer_selective", tr("selective filters"), tr("first-layer filters more selective than chance"), "%"),
    ("first_layer_oriented", tr("oriented filters"), tr("of these tuned to an orientation"), "%"),
    ("first_layer_coloured", tr("colour filters"), tr("of these tuned to a colour"), "%"),
    ("first_layer_tuned", tr("frequency filters"), tr("of these tuned to a frequency"), "%"),
    ("probe_material_20", tr("probe material"), tr("accuracy of a linear probe, material, 20 pictures per class"), "%"),
    ("probe_material_20_stage1", tr("probe, stage1"), tr("linear probe on the features of stage1"), "%"),
    ("probe_material_20_stage2", tr("probe, stage2"), tr("linear probe on the features of stage2"), "%"),
    ("probe_material_20_stage3", tr("probe, stage3"), tr("linear probe on the features of stage3"), "%"),
    (
        "own_without",
        tr("own class without it"),
        tr("accuracy on the class with the shortcut, the shortcut taken away"),
        "%",
    ),
    ("misled", "misled", tr("other classes taken for that of the shortcut where it is added"), "%"),
    (
        "kept_by_evidence",
        tr("kept by evidence"),
        tr("same answer where only the event's own time and frequencies are heard"),
        "%",
    ),
    ("kept_without", tr("kept without"), tr("same answer where they are taken away"), "%"),
    (
        "bandpass",
        tr("band-pass filters"),
        tr("first-layer filters with 60 % of their energy within 300 Hz of their peak"),
        "%",
    ),
    ("bandpass_energy", tr("energy near peak"), tr("energy within 300 Hz of the peak, median filter"), "%"),
    ("bag_of_words", tr("bag of words"), tr("accuracy of logistic regression on which words there are"), "%"),
    (
        "phrase_filters",
        tr("phrase filters"),
        tr("filters of which 98 % of the strong answers lie on a deciding phrase"),
        "%",
    ),
    ("filter_lost", tr("loss by a filter"), tr("largest accuracy loss by taking one filter away"), "pp"),
    ("phrase_attention", tr("CLS on phrase"), tr("CLS attention, last block, on the deciding phrase"), "%"),
    ("phrase_tokens", tr("phrase tokens"), tr("fraction of the tokens that is the deciding phrase"), "%"),
    ("scratch_material_20", "scratch", tr("accuracy of training from scratch, material, same pictures"), "%"),
)
_DIGITS = {"": 3, "nats": 2}  # after the point; one of all others


def facts_of(card: Mapping[str, Any]) -> tuple[Fact, ...]:
    """(what, value) in the order a person reads it; what a card does not say is left out. Raises ValueError."""
    return (*_making(card), *_goodness(card))


def figures_of(card: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The network's own figures in that order, those of its twin and of pixels beside them. Raises ValueError."""
    columns = [(_table(card.get(key, {})), words) for key, words in COLUMNS]
    pictures = _table(card.get("held_out", {})).get(_examples(card), 0)
    found = []
    for key, short, title, unit in FIGURES:
        values = {words: _checked(values[key]) for values, words in columns if key in values}
        if "" in values:
            own = values.pop("")
            found.append(Figure(key, short, title, unit, _digits(unit), own, tuple(values.items()), pictures))
    return tuple(found)


def _making(card: Mapping[str, Any]) -> list[Fact]:
    said = [(title, tr(str(card[key]))) for title, key in ((tr("task"), "task"), (tr("data"), "data")) if card.get(key)]
    if card.get("recipe"):
        said.append((tr("recipe"), tr("{card}, seed {card2}", card=card["recipe"], card2=card["seed"])))
    examples = _examples(card)
    if seen := card.get(f"{examples}_seen"):
        minutes = tr(" in {card:g} minutes", card=card["minutes"]) if "minutes" in card else ""
        said.append((tr("seen"), f"{seen:,} {tr(examples)}{minutes}{_stopped(card)}"))
    said += [
        (title, str(card[key]))
        for title, key in ((tr("precision"), "precision"), (tr("licence"), "licence"))
        if card.get(key)
    ]
    return said


def _examples(card: Mapping[str, Any]) -> str:
    """What it saw and was measured on."""
    return str(card.get("examples", "pictures"))


def _stopped(card: Mapping[str, Any]) -> str:
    return "" if card.get("finished", True) else tr(", stopped before its end")


def _goodness(card: Mapping[str, Any]) -> list[Fact]:
    columns = [(_table(card.get(key, {})), words) for key, words in COLUMNS]
    examples = _examples(card)
    count = _table(card.get("held_out", {})).get(examples)
    said = (
        [(tr("measured on"), tr("{count:,} held-out {examples}", count=count, examples=tr(examples)))] if count else []
    )
    for key, _, title, unit in FIGURES:
        values = [(values[key], words) for values, words in columns if key in values]
        if not values:
            continue
        own = [_number(value, unit) for value, words in values if not words]
        beside = ", ".join(f"{words} {_number(value, unit)}" for value, words in values if words)
        said.append((title, (own[0] if own else "–") + (f" ({beside})" if beside else "")))
    return said


def _table(held: Any) -> dict[str, Any]:
    if not isinstance(held, dict):
        raise ValueError(tr("its figures are no table"))
    return held


def _number(value: Any, unit: str) -> str:
    return f"{_checked(value):.{_digits(unit)}f} {unit}".rstrip()


def _digits(unit: str) -> int:
    return _DIGITS.get(unit, 1)


def _checked(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(tr("{value!r} is no figure", value=value))
    return float(value)

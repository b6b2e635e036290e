"""A demo model's card in words: how it was made, and how good it is on pictures that no recipe trains on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.models import Figure
from explorer.core.translation import msgid, tr

Fact = tuple[str, str]
# Where each figure stands on a card, and what it is called beside the network's own.
COLUMNS = (("figures", ""), ("untrained", msgid("untrained")), ("raw_pixels", msgid("raw pixels")))
# key, what it is in short and in full, unit
FIGURES = (
    ("top1", msgid("top-1"), msgid("accuracy (top-1)"), "%"),
    ("top1_with_shortcut", msgid("with shortcut"), msgid("accuracy where the shortcut helps"), "%"),
    ("top1_shuffled", msgid("shuffled"), msgid("accuracy with backgrounds shuffled"), "%"),
    ("top1_lost", msgid("accuracy loss"), msgid("accuracy loss by shuffling"), "pp"),
    ("own_with_shortcut", msgid("own class with"), msgid("accuracy on the class with the shortcut, with it"), "%"),
    ("own_shuffled", msgid("own class without"), msgid("accuracy on the class with the shortcut, without it"), "%"),
    ("knn_shape", msgid("k-NN shape"), msgid("k-NN accuracy, shape"), "%"),
    ("knn_material", msgid("k-NN material"), msgid("k-NN accuracy, material"), "%"),
    ("iou_attention", msgid("IoU attention"), msgid("foreground by CLS attention (mass 0.6), mean IoU"), ""),
    ("iou_component", msgid("IoU component"), msgid("foreground by the first component, mean IoU"), ""),
    (
        "mass_attention",
        msgid("CLS on objects"),
        msgid("fraction of CLS attention on patches that lies on the objects"),
        "%",
    ),
    (
        "entropy_attention",
        msgid("CLS entropy"),
        msgid("entropy of CLS attention, last block, in nats (uniform over 145 tokens: 4.98)"),
        "nats",
    ),
    (
        "distance_attention",
        msgid("attention distance"),
        msgid("mean attention distance of the patches, last block"),
        "px",
    ),
    ("first_layer_selective", msgid("selective filters"), msgid("first-layer filters more selective than chance"), "%"),
    ("first_layer_oriented", msgid("oriented filters"), msgid("of these tuned to an orientation"), "%"),
    ("first_layer_coloured", msgid("colour filters"), msgid("of these tuned to a colour"), "%"),
    ("first_layer_tuned", msgid("frequency filters"), msgid("of these tuned to a frequency"), "%"),
    (
        "probe_material_20",
        msgid("probe material"),
        msgid("accuracy of a linear probe, material, 20 pictures per class"),
        "%",
    ),
    ("probe_material_20_stage1", msgid("probe, stage1"), msgid("linear probe on the features of stage1"), "%"),
    ("probe_material_20_stage2", msgid("probe, stage2"), msgid("linear probe on the features of stage2"), "%"),
    ("probe_material_20_stage3", msgid("probe, stage3"), msgid("linear probe on the features of stage3"), "%"),
    (
        "own_without",
        msgid("own class without it"),
        msgid("accuracy on the class with the shortcut, the shortcut taken away"),
        "%",
    ),
    ("misled", msgid("misled"), msgid("other classes taken for that of the shortcut where it is added"), "%"),
    (
        "kept_by_evidence",
        msgid("kept by evidence"),
        msgid("same answer where only the event's own time and frequencies are heard"),
        "%",
    ),
    ("kept_without", msgid("kept without"), msgid("same answer where they are taken away"), "%"),
    (
        "bandpass",
        msgid("band-pass filters"),
        msgid("first-layer filters with 60 % of their energy within 300 Hz of their peak"),
        "%",
    ),
    ("bandpass_energy", msgid("energy near peak"), msgid("energy within 300 Hz of the peak, median filter"), "%"),
    ("bag_of_words", msgid("bag of words"), msgid("accuracy of logistic regression on which words there are"), "%"),
    (
        "phrase_filters",
        msgid("phrase filters"),
        msgid("filters of which 98 % of the strong answers lie on a deciding phrase"),
        "%",
    ),
    ("filter_lost", msgid("loss by a filter"), msgid("largest accuracy loss by taking one filter away"), "pp"),
    ("phrase_attention", msgid("CLS on phrase"), msgid("CLS attention, last block, on the deciding phrase"), "%"),
    ("phrase_tokens", msgid("phrase tokens"), msgid("fraction of the tokens that is the deciding phrase"), "%"),
    ("scratch_material_20", msgid("scratch"), msgid("accuracy of training from scratch, material, same pictures"), "%"),
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
    said = [
        (title, tr(str(card[key])))
        for title, key in ((msgid("task"), "task"), (msgid("data"), "data"))
        if card.get(key)
    ]
    if card.get("recipe"):
        said.append((msgid("recipe"), tr("{card}, seed {card2}", card=card["recipe"], card2=card["seed"])))
    examples = _examples(card)
    if seen := card.get(f"{examples}_seen"):
        minutes = tr(" in {card:g} minutes", card=card["minutes"]) if "minutes" in card else ""
        said.append((msgid("seen"), f"{seen:,} {tr(examples)}{minutes}{_stopped(card)}"))
    said += [
        (title, str(card[key]))
        for title, key in ((msgid("precision"), "precision"), (msgid("licence"), "licence"))
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
        [(msgid("measured on"), tr("{count:,} held-out {examples}", count=count, examples=tr(examples)))]
        if count
        else []
    )
    for key, _, title, unit in FIGURES:
        values = [(values[key], words) for values, words in columns if key in values]
        if not values:
            continue
        own = [_number(value, unit) for value, words in values if not words]
        beside = ", ".join(f"{tr(words)} {_number(value, unit)}" for value, words in values if words)
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

"""A demo model's card in words: how it was made, and how good it is on pictures that no recipe trains on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.types import Figure

Fact = tuple[str, str]
# Where each figure stands on a card, and what it is called beside the network's own.
COLUMNS = (("figures", ""), ("untrained", "untrained"), ("raw_pixels", "raw pixels"))
# key, what it is in short and in full, unit
FIGURES = (
    ("top1", "top-1", "right (top-1)", "%"),
    ("top1_with_shortcut", "with shortcut", "right where the shortcut helps", "%"),
    ("top1_shuffled", "shuffled", "right with backgrounds shuffled", "%"),
    ("top1_lost", "lost by that", "lost by that", "points"),
    ("own_with_shortcut", "own class with", "of the class with the shortcut: right with it", "%"),
    ("own_shuffled", "own class without", "of the class with the shortcut: right without", "%"),
    ("knn_shape", "k-NN shape", "shape by its neighbours (k-NN)", "%"),
    ("knn_material", "k-NN material", "material by its neighbours (k-NN)", "%"),
    ("iou_attention", "IoU attention", "foreground by CLS attention (mass 0.6), mean IoU", ""),
    ("iou_component", "IoU component", "foreground by the first component, mean IoU", ""),
    ("mass_attention", "CLS on objects", "part of CLS attention to patches that lies on the objects", "%"),
    (
        "entropy_attention",
        "CLS entropy",
        "entropy of what CLS attends to, last block (all 145 tokens alike: 4.98; in nats)",
        "nats",
    ),
    ("distance_attention", "attends over", "how far the patches attend, last block, mean distance", "px"),
    ("first_layer_selective", "selective", "first-layer filters more selective than chance", "%"),
    ("first_layer_oriented", "oriented", "of these oriented", "%"),
    ("first_layer_coloured", "coloured", "of these coloured", "%"),
    ("first_layer_tuned", "tuned", "of these tuned to a frequency", "%"),
    ("probe_material_20", "probe material", "material by a linear probe on 20 pictures each", "%"),
    ("probe_material_20_stage1", "… stage1", "… on the features of stage1", "%"),
    ("probe_material_20_stage2", "… stage2", "… on the features of stage2", "%"),
    ("probe_material_20_stage3", "… stage3", "… on the features of stage3", "%"),
    ("scratch_material_20", "scratch", "material learnt from scratch on the same", "%"),
)
_DIGITS = {"": 3, "nats": 2}  # after the point; one of all others


def facts_of(card: Mapping[str, Any]) -> tuple[Fact, ...]:
    """(what, value) in the order a person reads it; what a card does not say is left out. Raises ValueError."""
    return (*_making(card), *_goodness(card))


def figures_of(card: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The network's own figures in that order, those of its twin and of pixels beside them. Raises ValueError."""
    columns = [(_table(card.get(key, {})), words) for key, words in COLUMNS]
    pictures = _table(card.get("held_out", {})).get("pictures", 0)
    found = []
    for key, short, title, unit in FIGURES:
        values = {words: _checked(values[key]) for values, words in columns if key in values}
        if "" in values:
            own = values.pop("")
            found.append(Figure(key, short, title, unit, _digits(unit), own, tuple(values.items()), pictures))
    return tuple(found)


def _making(card: Mapping[str, Any]) -> list[Fact]:
    said = [(title, str(card[key])) for title, key in (("task", "task"), ("data", "data")) if card.get(key)]
    if card.get("recipe"):
        said.append(("recipe", f"{card['recipe']}, seed {card['seed']}"))
    if card.get("pictures_seen"):
        minutes = f" in {card['minutes']:g} minutes" if "minutes" in card else ""
        said.append(("seen", f"{card['pictures_seen']:,} pictures{minutes}{_stopped(card)}"))
    said += [(key, str(card[key])) for key in ("precision", "licence") if card.get(key)]
    return said


def _stopped(card: Mapping[str, Any]) -> str:
    return "" if card.get("finished", True) else ", stopped before its end"


def _goodness(card: Mapping[str, Any]) -> list[Fact]:
    columns = [(_table(card.get(key, {})), words) for key, words in COLUMNS]
    count = _table(card.get("held_out", {})).get("pictures")
    said = [("measured on", f"{count:,} held-out pictures")] if count else []
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
        raise ValueError("its figures are no table")
    return held


def _number(value: Any, unit: str) -> str:
    return f"{_checked(value):.{_digits(unit)}f} {unit}".rstrip()


def _digits(unit: str) -> int:
    return _DIGITS.get(unit, 1)


def _checked(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is no figure")
    return float(value)

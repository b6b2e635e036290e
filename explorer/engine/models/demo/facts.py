"""A demo model's card in words: how it was made, and how good it is on pictures that no recipe trains on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Fact = tuple[str, str]
# Where each figure stands on a card, and what it is called beside the network's own.
COLUMNS = (("figures", ""), ("untrained", "untrained"), ("raw_pixels", "raw pixels"))
# key, what it is, unit
FIGURES = (
    ("top1", "right (top-1)", "%"),
    ("top1_with_shortcut", "right where the shortcut helps", "%"),
    ("top1_shuffled", "right with backgrounds shuffled", "%"),
    ("top1_lost", "lost by that", "points"),
    ("own_with_shortcut", "of the class with the shortcut: right with it", "%"),
    ("own_shuffled", "of the class with the shortcut: right without", "%"),
    ("knn_shape", "shape by its neighbours (k-NN)", "%"),
    ("knn_material", "material by its neighbours (k-NN)", "%"),
    ("iou_attention", "foreground by CLS attention (mass 0.6), mean IoU", ""),
    ("iou_component", "foreground by the first component, mean IoU", ""),
    ("first_layer_selective", "first-layer filters more selective than chance", "%"),
    ("first_layer_oriented", "of these oriented", "%"),
    ("first_layer_coloured", "of these coloured", "%"),
    ("first_layer_tuned", "of these tuned to a frequency", "%"),
    ("probe_material_20", "material by a linear probe on 20 pictures each", "%"),
    ("probe_material_20_stage1", "… on the features of stage1", "%"),
    ("probe_material_20_stage2", "… on the features of stage2", "%"),
    ("probe_material_20_stage3", "… on the features of stage3", "%"),
    ("scratch_material_20", "material learnt from scratch on the same", "%"),
)


def facts_of(card: Mapping[str, Any]) -> tuple[Fact, ...]:
    """(what, value) in the order a person reads it; what a card does not say is left out. Raises ValueError."""
    return (*_making(card), *_goodness(card))


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
    for key, title, unit in FIGURES:
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
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is no figure")
    return f"{value:.1f} {unit}" if unit else f"{value:.3f}"

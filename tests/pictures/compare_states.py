"""Columns side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.core.attention_queries import AttentionMode
from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Session
from tests.pictures.picture_state import BARE, CNN, VIT, WORLD, State


def compare(*models: ModelSpec, tap: str = "stage2.0", shows: Shows = Shows.MAPS) -> Session:
    """Models in columns, at the same layer."""
    there = [tap if spec != VIT or tap.startswith("blocks") else "blocks.3" for spec in models]
    columns = tuple(Column(key, spec, tap=there[key], channel=5, shows=shows) for key, spec in enumerate(models))
    return Session(models[0], WORLD, tap, 5, workspace="compare", comparison=Comparison(columns))


def _sentences(tap: str = "blocks.0", shows: Shows = Shows.MAPS) -> Session:
    """One network on two sentences."""
    model, texts = (
        ModelSpec("demo:sentences-transformer"),
        ("we felt glad that we came", "we felt glad that we left early"),
    )
    columns = tuple(Column(key, model, InputRef("text", text), tap, 5, shows=shows) for key, text in enumerate(texts))
    return Session(model, InputRef("text", texts[0]), tap, 5, workspace="compare", comparison=Comparison(columns))


def _aligned(app: Any) -> None:
    app.compare.fold.setChecked(False)
    app.compare.columns[1].panel.text.hovered.emit(2)


def _between(mode: AttentionMode) -> Session:
    """One transformer on two sentences, with the attention between all tokens."""
    session = _sentences("blocks.1", Shows.ATTENTION)
    return replace(session, comparison=replace(session.comparison, attention=mode))


def _good(app: Any) -> None:
    """A word as a query in the second column."""
    app.compare.fold.setChecked(False)
    lines = app.compare.columns[1].panel.attention.between.lines
    lines.left.emit()
    lines.chosen.emit(False, 5)


def _every(app: Any) -> None:
    app.compare.fold.setChecked(False)
    app.compare.columns[1].panel.attention.between.matrix.left.emit()


def _matrix(app: Any) -> None:
    app.compare.fold.setChecked(True)
    app.compare.alike.choose(Over("gallery"))
    app.compare.alike.start.click()


def _minus(app: Any) -> None:
    app.compare.columns[1].minus.click()


def _folded(app: Any) -> None:
    app.compare.fold.setChecked(False)


def compare_states() -> Mapping[str, State]:
    """Models, and sentences."""
    return {
        "compare-maps": State(compare(CNN, BARE), _folded),
        "compare-three": State(compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn")), _folded),
        "compare-three-matrix": State(compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn")), _matrix),
        "compare-four": State(compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn"), BARE), _folded),
        "compare-four-matrix": State(compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn"), BARE)),
        "compare-matrix": State(compare(CNN, BARE), _matrix),
        "compare-difference": State(compare(CNN, BARE), _minus),
        "compare-sentences": State(_sentences(), _aligned),
        "compare-sentences-attention": State(_sentences("blocks.1", Shows.ATTENTION), _aligned),
        "compare-sentences-lines": State(_between(AttentionMode.LINES), _good),
        "compare-sentences-matrix": State(_between(AttentionMode.MATRIX), _every),
        "compare-components": State(compare(CNN, VIT, shows=Shows.COMPONENTS)),
        "compare-attention": State(
            compare(VIT, ModelSpec("demo:shapes-ssl-vit"), tap="blocks.2", shows=Shows.ATTENTION), _folded
        ),
    }

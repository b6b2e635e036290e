"""The attention between all tokens in the columns of Compare: true weights, linked heads and aligned words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from attention_columns import choose, module_of
from text_nets import text_file
from torch import nn

from explorer.core.attention_queries import AttentionMode
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec

SENTENCES = ("the movie was good", "the movie was not good")


@pytest.fixture
def reading(window: Callable[..., Any], tmp_path: Path) -> Any:
    """A window that compares a transformer with itself on two sentences, with lines between their tokens."""
    app = window(size=(1280, 900))
    spec = ModelSpec(text_file(tmp_path, "former"))
    app.start(spec, InputRef("text", SENTENCES[0]))
    app.wait_capture()
    app.compare.start((spec, spec))
    app.turn_to("compare")
    app.rest()
    app.compare.columns[1].panel.text.field.setPlainText(SENTENCES[1])
    app.rest()
    choose(app.compare.view, Shows.ATTENTION)
    app.rest()
    turn(app, AttentionMode.LINES)
    return app


def turn(app: Any, mode: AttentionMode) -> None:
    choose(app.compare.columns[0].mode, mode)
    app.rest()


def panel(app: Any, column: int) -> Any:
    return app.compare.columns[column].panel.attention.between


def by_torch(app: Any, column: int) -> np.ndarray:
    """(heads, queries, keys) by `nn.MultiheadAttention` itself on the column's tokens."""
    view = app.compare.columns[column]
    net = module_of(app, column)
    ids = torch.tensor([[token.id for token in view.capture.text.tokens]])
    with torch.no_grad():
        x = net.embedding(ids)
        attention: nn.MultiheadAttention = net.block.self_attn
        _, weights = attention(x, x, x, average_attn_weights=False)
    return weights[0].numpy()


def test_lines_and_matrix_show_the_weights_of_torch_in_both_columns(reading: Any) -> None:
    app = reading
    for at in (0, 1):
        assert np.allclose(panel(app, at).lines.values, by_torch(app, at).mean(0), atol=1e-6)
    turn(app, AttentionMode.MATRIX)
    for at in (0, 1):
        assert np.allclose(panel(app, at).matrix.values, by_torch(app, at).mean(0), atol=1e-6)
        assert panel(app, at).lines.isHidden()
    figure = app.commands.figures.compare.whole()
    weights = [part.values for part in figure.parts if isinstance(part, MatrixPart)]
    assert [values.shape for values in weights] == [panel(app, at).matrix.values.shape for at in (0, 1)]
    assert all(np.array_equal(values, panel(app, at).matrix.values) for at, values in enumerate(weights))


def test_a_head_that_is_chosen_is_taken_by_linked_columns_of_the_same_architecture(reading: Any) -> None:
    app = reading
    panel(app, 0).whose.setCurrentIndex(3)
    panel(app, 0).whose.activated.emit(3)
    app.rest()
    assert [column.head for column in app.compare.doc.columns] == [2, 2]
    for at in (0, 1):
        assert np.allclose(panel(app, at).lines.values, by_torch(app, at)[2], atol=1e-6)
    app.compare.lock(app.compare.columns[1].key, False)
    panel(app, 0).whose.setCurrentIndex(1)
    panel(app, 0).whose.activated.emit(1)
    app.rest()
    assert [column.head for column in app.compare.doc.columns] == [0, 2]


def test_a_word_that_is_pointed_at_is_marked_where_it_is_aligned(reading: Any) -> None:
    app = reading
    one, two = panel(app, 0).lines, panel(app, 1).lines
    two.hovered.emit(True, 4)  # "good" as a key
    app.rest()
    assert (one.marked, two.marked) == ((True, 3), (True, 4))
    assert "“good” attended by" in app.compare.columns[0].panel.attention.note.text()
    two.hovered.emit(False, 3)  # "not"
    app.rest()
    assert (one.marked, two.marked) == (None, (False, 3))
    two.left.emit()
    app.rest()
    assert (one.marked, two.marked) == (None, None)


def test_a_locked_word_stays_and_is_let_go(reading: Any) -> None:
    app = reading
    one, two = panel(app, 0).lines, panel(app, 1).lines
    two.chosen.emit(False, 4)
    app.rest()
    one.hovered.emit(False, 0)
    one.left.emit()
    app.rest()
    assert (one.marked, two.marked) == ((False, 3), (False, 4))
    assert app.compare.doc.kept is not None
    two.chosen.emit(False, 3)  # "not" stands only here
    app.rest()
    assert (one.marked, two.marked) == (None, (False, 3))
    two.released.emit()
    app.rest()
    assert (one.marked, two.marked) == (None, None)
    assert app.compare.doc.kept is None


def test_the_mode_is_part_of_the_session_and_goes_back(reading: Any) -> None:
    app = reading
    turn(app, AttentionMode.HEADS)
    assert not app.compare.columns[0].panel.attention.tiles.isHidden()
    assert app.compare.columns[0].panel.attention.between.isHidden()
    app.compare.undo()
    app.rest()
    assert app.compare.doc.attention is AttentionMode.LINES
    assert panel(app, 0).lines.values is not None

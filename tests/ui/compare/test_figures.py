"""What was measured of the models in the columns, side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import demo_shelf
import pytest
from PySide6.QtWidgets import QWidget

from explorer.core.interventions import Edit
from explorer.core.models import Figure, ModelSpec
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.module_state import seeded
from explorer.ui.compare.figures_table import FigureRow, FiguresSection, FiguresTable
from explorer.ui.compare.figures_words import NONE, WAITING, rows_of

IOU = Figure("iou", "IoU", "overlap with the objects", "", 3, 0.4637, (("untrained", 0.1111),), 2000)
KNN = Figure("knn", "k-NN", "right by neighbours", "%", 1, 84.4, (("untrained", 10.45), ("raw pixels", 11.4)), 2000)
OTHER = Figure("knn", "k-NN", "right by neighbours", "%", 1, 96.9, (), 100)


def columns(*figures: tuple[Figure, ...] | None, edits: tuple[Edit, ...] = ()) -> Any:
    """Views of columns; None: no model has shown anything there yet."""
    return [
        SimpleNamespace(letter=letter, of=None if of is None else SimpleNamespace(figures=of), of_edits=edits)
        for letter, of in zip("ABCD", figures, strict=False)
    ]


def test_a_row_says_its_values_and_its_tip_how_they_were_measured() -> None:
    rows, message = rows_of(columns((KNN, IOU), (IOU,), (OTHER,)))
    assert message == ""
    assert [(row.label, row.values) for row in rows] == [
        ("k-NN, %", ("84.4", "–", "96.9")),
        ("IoU", ("0.46", "0.46", "–")),
    ]
    assert rows[0].tip.split("\n") == [
        "Right by neighbours",
        "A  84.4 %  (untrained 10.4 %, raw pixels 11.4 %)",
        "B  not measured",
        "C  96.9 %",
        "Measured on 100 or 2,000 held-out inputs.",
    ]
    assert "A  0.464  (untrained 0.111)" in rows[1].tip
    assert rows[1].tip.endswith("Measured on 2,000 held-out inputs.")


def test_the_figures_of_an_edited_column_are_those_of_its_model_as_it_is() -> None:
    rows, _ = rows_of(columns((KNN,), (OTHER,), edits=(Edit("layer", (0,)),)))
    assert rows[0].tip.endswith("Edits of A and B are not applied here.")


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (((), ()), NONE),
        ((None, (KNN,)), WAITING),
        (((KNN,), ()), "Only A has measured figures: only demo models have them."),
        (((KNN,), (IOU,), ()), "A and B have no measured figure in common."),
    ],
)
def test_without_rows_it_says_why(figures: Any, said: str) -> None:
    assert rows_of(columns(*figures)) == ((), said)


def test_every_row_is_a_line_with_its_tip_and_its_names_are_whole(qtbot: Any) -> None:
    section = FiguresSection()
    qtbot.addWidget(section)
    rows = [
        FigureRow("k-NN material", "%", ("37.0", "45.7"), "about the first"),
        FigureRow("IoU", "", ("0.46", "–"), "second"),
    ]
    section.set_figures("AB", rows, "")
    table = section.table
    assert [table.horizontalHeaderItem(at).text() for at in range(3)] == ["", "A", "B"]
    assert [[table.item(y, x).text() for x in range(3)] for y in range(2)] == [
        ["k-NN material, %", "37.0", "45.7"],
        ["IoU", "0.46", "–"],
    ]
    assert [table.item(y, 1).toolTip() for y in range(2)] == ["about the first", "second"]
    assert table.accessibleDescription() == "k-NN material, %: A 37.0  B 45.7; IoU: A 0.46  B –"
    assert table.sizeHint().height() >= 3 * table.line_height, "no row is cut off"
    section.head.click()
    assert not section.table.isVisibleTo(section)
    section.head.click()
    assert section.table.isVisibleTo(section)
    section.set_figures("AB", [], "nothing there")
    assert section.message.isVisibleTo(section)
    assert not section.table.isVisibleTo(section)


def test_many_rows_scroll_where_there_is_little_room(qtbot: Any) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    table = FiguresTable(holder)
    table.set_rows("AB", [FigureRow(f"row {at}", "%", ("1", "2"), "") for at in range(12)])
    assert table.sizeHint().height() > 12 * table.line_height
    assert table.minimumHeight() == 4 * table.line_height
    table.resize(220, 7 * table.line_height)
    holder.show()
    assert table.verticalScrollBar().maximum() > 0
    table.set_rows("AB", [FigureRow("one", "", ("1", "2"), "")])
    assert table.minimumHeight() < 3 * table.line_height


def test_demo_models_show_what_their_cards_say_and_own_models_that_they_say_nothing(
    compare: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    specs: dict[str, ModelSpec],
) -> None:
    (tmp_path / "shelf").mkdir()
    models = demo_shelf.resources_in(tmp_path / "shelf", monkeypatch)
    demo_shelf.put(models, "shapes-one", seeded(ResidualNet, 1), figures={"top1": 95.25, "knn_shape": 80.0})
    demo_shelf.put(models, "shapes-two", seeded(ResidualNet, 2), figures={"knn_shape": 61.5}, untrained={})
    app = compare("one", "other")
    control, section = app.compare, app.compare.alike.figures
    assert section.message.text() == NONE
    assert section.message.isVisible()
    control.set_model(control.doc.columns[0].key, ModelSpec("demo:shapes-one"))
    app.rest()
    assert section.message.text().startswith("Only A has measured figures")
    control.set_model(control.doc.columns[1].key, ModelSpec("demo:shapes-two"))
    app.rest()
    assert section.table.isVisible()
    assert section.table.accessibleDescription() == "k-NN shape, %: A 80.0  B 61.5"
    control.duplicate(control.doc.columns[0].key)
    app.compare.fold.setChecked(True)  # folded away beside three columns
    app.rest()
    said = "top-1, %: A 95.2  B 95.2  C –; k-NN shape, %: A 80.0  B 80.0  C 61.5"
    assert section.table.accessibleDescription() == said

"""What must be known of a result is also said beneath its figure."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from method_results import every_result

from explorer import catalogue
from explorer.core.figure.figure_parts import TablePart
from explorer.core.figure.method_figure import figure_of

NOTE = "Something of 3 inputs is left out"
NOTED = [name for name, (found, _) in every_result().items() if "notes" in {field.name for field in fields(found)}]


@pytest.mark.parametrize("name", NOTED)
def test_the_notes_of_a_result_stand_in_its_figure(name: str) -> None:
    spec = next(spec for spec in catalogue.methods if spec.id == name)
    found, about = every_result()[name]
    figure = figure_of(spec, replace(found, notes=(NOTE,)), about)
    tables = [cell for part in figure.parts if isinstance(part, TablePart) for row in part.rows for cell in row]
    assert NOTE in figure.caption or NOTE in tables


def test_one_input_makes_no_channel_dead() -> None:
    spec = next(spec for spec in catalogue.methods if spec.id == "health")
    found, about = every_result()["health"]
    for count, word in ((1, "silent here"), (7, "dead")):
        parts = figure_of(spec, replace(found, count=count), about).parts
        tables = [part for part in parts if isinstance(part, TablePart)]
        assert any(row[0] == word for row in tables[0].rows)
        assert tables[-1].rows[0][1] == word

"""The files of a new plug-in: a method with a page, tested by the program's contract checks. What stands in braces is filled in."""

FILES: dict[str, str] = {
    "pyproject.toml": """[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "{dashed}"
version = "0.1.0"
description = "A method for Feature Map Explorer."
requires-python = ">=3.11"
dependencies = ["feature-map-explorer"]

[project.optional-dependencies]
test = ["pytest>=8.3"]

# More groups: explorer.inputs, explorer.layer_views, explorer.workspaces, explorer.models (docs/plugins.md).
[project.entry-points."explorer.methods"]
{name} = "{name}.spec:SPEC"
""",
    "README.md": """# {title}

A plug-in of Feature Map Explorer: one method with its page, its command and its Python function.

    pip install -e ".[test]"
    pytest
    feature-map-explorer {dashed} demo:shapes-cnn --input sample:cat --tap stem
    python -c "import explorer; print(explorer.{name}('demo:shapes-cnn', 'sample:cat', tap='stem'))"

`{name}/spec.py` says what the method is, `{name}/compute.py` computes it, `{name}/page.py` draws it.
""",
    "{name}/__init__.py": '''"""{title}: how large the channels of a layer are."""
''',
    "{name}/spec.py": '''"""{title}, as data: what it is about, its parameters, its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.method import MethodSpec, Scope
from explorer.core.params import choice


@dataclass(frozen=True, slots=True)
class {Name}Params:
    """From these come the form in the window, the options of the command and the arguments of the function."""

    over: str = choice("mean", ("mean", "max"), "Over", "What is taken over the cells of a channel")


@dataclass(frozen=True, slots=True)
class {Name}:
    """A number for each channel. Results are frozen and plain."""

    tap: str
    sizes: tuple[float, ...]


def _to_json(result: {Name}) -> dict[str, Any]:
    return {{"tap": result.tap, "sizes": list(result.sizes)}}


def _write(result: {Name}) -> str:
    return "\\n".join(f"channel {{number:>4}}  {{size:.6g}}" for number, size in enumerate(result.sizes))


SPEC = MethodSpec(
    id="{dashed}",
    title="{title}",
    about="How large the values of each channel are",
    package="{name}",
    scope=Scope.LAYER,
    params={Name}Params,
    result={Name},
    to_json=_to_json,
    write=_write,
)
''',
    "{name}/compute.py": '''"""Computes it: a generator, so that it can be cancelled between steps. No Qt here."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from explorer.core.layouts import as_maps, as_vector
from explorer.core.method import MethodRequest
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from {name}.spec import {Name}, {Name}Params


def run(engine: Studies, request: MethodRequest[{Name}Params, {Name}], job: Job) -> Generator[None, None, {Name}]:
    """The capture holds true values of every layer; `engine.given(request, job)` gives the network, its input tensor and plan."""
    capture = engine.bench.capture(request.model, request.picture, job)
    yield None  # a partial result, or None: here it may be cancelled
    tap, values = capture.tap(request.tap), capture.values[request.tap]
    maps = as_maps(values, tap)
    rows = as_vector(values, tap) if maps is None else maps
    rows = np.asarray(values if rows is None else rows)
    rows = np.abs(rows.reshape(len(rows), -1).astype(np.float64))
    sizes = rows.mean(1) if request.params.over == "mean" else rows.max(1)
    return {Name}(request.tap, tuple(float(size) for size in sizes))
''',
    "{name}/page.py": '''"""Draws a result. No torch here."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from explorer.ui.method_page.result_page import ResultPage as Base
from {name}.spec import SPEC, {Name}


class ResultPage(Base[{Name}]):
    """The numbers as lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = QPlainTextEdit(readOnly=True)
        self.lines.setAccessibleName(SPEC.title)
        QVBoxLayout(self).addWidget(self.lines)

    def show_result(self, result: {Name}) -> None:
        self.lines.setPlainText(SPEC.write(result))
''',
    "tests/test_{name}.py": '''"""The program's contract, and a value that was not computed by this package."""

from __future__ import annotations

import numpy as np
import pytest

import explorer
from {name}.spec import SPEC


@pytest.mark.explorer_method(SPEC)
def test_contract(contract_check):
    contract_check()  # once for each check of explorer.testing


def test_the_sizes_are_those_of_the_values():
    values = explorer.capture("demo:shapes-plain", "sample:cat", "layers.0")["layers.0"]
    found = explorer.{name}("demo:shapes-plain", "sample:cat", tap="layers.0").value
    assert found.sizes == pytest.approx(np.abs(values).mean((1, 2)), rel=1e-6)
''',
}

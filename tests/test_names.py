"""One name, one thing: no two classes and no two files of the package share a name, but for the parts that every folder has."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "explorer"
# What a file is called by its part in a folder: of a method, of a workspace, of what a pane shows.
PARTS = {"spec", "compute", "figure", "page", "presenter", "requests", "view", "words", "workspace"}
# The classes that are looked up by these names in a method's `presenter.py` and `page.py`.
LOOKED_UP = {"Presenter", "ResultPage"}


def test_a_file_name_has_one_meaning() -> None:
    found = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        if not path.stem.startswith("__"):
            found[path.stem].append(path.parent.name)
    assert {name: places for name, places in found.items() if len(places) > 1 and name not in PARTS} == {}


def test_a_class_name_has_one_meaning() -> None:
    found = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name not in LOOKED_UP:
                found[node.name].append(path.stem)
    assert len(found) > 500
    assert {name: places for name, places in found.items() if len(places) > 1} == {}

"""Nothing of the document is lost in a file: every field of every part of it, whatever fields there are."""

from __future__ import annotations

import dataclasses
import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from explorer.core.data_sets import GROUPS
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.session.dataset_place import NEAR, STATES
from explorer.core.session.named_files import FileRole, NamedFile, files_of, moved
from explorer.core.session.session import Session, from_json, to_json

# values that a field's type does not tell; every other field is filled by its type
SAID: dict[str, Any] = {
    "InputRef.kind": "picture",
    "Session.colormap": "viridis",
    "Session.shows": "similarity",
    "Column.shows": "components",
    "DatasetPlace.state": STATES[-1],
    "DatasetPlace.near": NEAR[-1],
    "DatasetPlace.lasso": ((0.1, 0.2), (0.3, 0.4), (0.5, 0.7)),
    "TransferPlace.groups": GROUPS[-1],
    "Comparison.kept": (0.25, 0.75),
    "Edit.region": (0, 1, 4, 5),
    "Order.channels": (2, 0, 1),
    "Preprocess.height": 64,
    "ModelSpec.preprocess": Preprocess(48, 32, "stretch", 40, (0.1,), (0.2,), 1, "nearest", fill=(0.5,)),
    "Session.pages": (("attention", '{"mode": "lines", "head": 2, "spot": [0.5, 3.0]}'),),
    "Session.methods": (("health", '{"threshold": 0.25}'), ("cka", "{}")),
}


def filled(kind: Any, at: str, number: int = 0) -> Any:
    """A value of a type that is not the default of its field."""
    if at in SAID:
        return SAID[at]
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return filled(next(part for part in parts if part is not type(None)), at, number)
    if origin is Literal:
        return parts[-1]
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return tuple(filled(parts[0], at, number + each) for each in range(2))
        return tuple(filled(part, at, number + each) for each, part in enumerate(parts))
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(
            **{f.name: other(hints[f.name], f, f"{kind.__name__}.{f.name}", number) for f in dataclasses.fields(kind)}
        )
    if issubclass(kind, Enum):
        return list(kind)[-1]
    return {bool: True, int: 3 + number, float: 0.5 + number / 8, str: f"a {at} ä{number}"}[kind]


def other(kind: Any, field: Any, at: str, number: int) -> Any:
    """As `filled`; the opposite of a default that happens to be the same."""
    value = filled(kind, at, number)
    return not value if isinstance(value, bool) and value == field.default else value


WHOLE = filled(Session, "Session")


def leaves(value: Any, at: str = "") -> list[str]:
    """The fields of all parts, by their path."""
    if dataclasses.is_dataclass(value):
        return [name for f in dataclasses.fields(value) for name in leaves(getattr(value, f.name), f"{at}.{f.name}")]
    if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        return leaves(value[0], at)
    return [at]


def test_the_session_here_differs_from_an_empty_one_in_every_field() -> None:
    empty = Session()
    assert [f.name for f in dataclasses.fields(Session) if getattr(WHOLE, f.name) == getattr(empty, f.name)] == []
    for part in (WHOLE.comparison, WHOLE.transfer, WHOLE.dataset, WHOLE.comparison.columns[0], WHOLE.edits[0]):
        same = [
            f.name
            for f in dataclasses.fields(part)
            if f.default is not dataclasses.MISSING and getattr(part, f.name) == f.default
        ]
        assert same == [], type(part).__name__
    assert len(leaves(WHOLE)) > 80


def test_every_field_of_every_part_comes_back() -> None:
    again = from_json(to_json(WHOLE))
    for f in dataclasses.fields(Session):
        assert getattr(again, f.name) == getattr(WHOLE, f.name), f.name
    assert from_json(to_json(again)) == WHOLE


def test_every_text_that_is_a_path_is_moved() -> None:
    """Each field that may hold a path is given one; none of them is passed over."""
    one = "/a/b/one.py"
    column = dataclasses.replace(
        WHOLE.comparison.columns[0],
        model=dataclasses.replace(WHOLE.model, id=f"file:{one}:make", weights="/a/b/w.pth"),
        input=InputRef("picture", "/a/b/c.png"),
    )
    session = dataclasses.replace(
        WHOLE,
        model=dataclasses.replace(WHOLE.model, id="card:/a/b/card.json", weights="/a/b/v.pth"),
        input=InputRef("sound", "/a/b/s.wav", start=1.0),
        edits=(dataclasses.replace(WHOLE.edits[0], origin=InputRef("video", "/a/b/v.mp4", 3)),),
        pinned=dataclasses.replace(WHOLE.pinned, model=f"file:{one}:make|x", input=InputRef("lines", "/a/b/l.txt", 2)),
        methods=(("health", '{"inputs": "/a/b/folder", "n": 3, "words": "no path"}'), ("ngrams", "no JSON")),
        comparison=dataclasses.replace(WHOLE.comparison, columns=(column, WHOLE.comparison.columns[1])),
        transfer=dataclasses.replace(WHOLE.transfer, data="/a/b/data", test="/a/b/test"),
        dataset=dataclasses.replace(WHOLE.dataset, store="/a/b/i.fmindex", data="/a/b/more"),
    )
    paths = [file.path for file in files_of(session) if file.path.startswith("/")]
    assert len(paths) == 13
    there = moved(session, lambda file: file.path.replace("/a/b/", "/elsewhere/"))
    assert "/a/b" not in to_json(there)
    assert to_json(session).count("/a/b/") == to_json(there).count("/elsewhere/")
    assert there.pinned is not None
    assert there.pinned.model == "file:/elsewhere/one.py:make|x"


@pytest.mark.parametrize(
    ("path", "name", "folder"),
    [
        ("/a/b/c.png", "c.png", "/a/b"),
        ("C:\\a b\\c.png", "c.png", "C:\\a b"),
        ("c.png", "c.png", "c"),
        ("/c.png", "c.png", "/"),
    ],
)
def test_a_file_of_any_system_has_a_name_and_a_folder(path: str, name: str, folder: str) -> None:
    file = NamedFile(FileRole.INPUT, path)
    assert file.name == name
    if folder != "c":
        assert file.folder == folder

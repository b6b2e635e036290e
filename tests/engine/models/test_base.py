from __future__ import annotations

from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model
from explorer.engine.models.base import ModelId, parse_file, parse_id


@pytest.mark.parametrize(
    ("text", "source", "name"),
    [
        ("resnet50", "torchvision", "resnet50"),
        (" torchvision:resnet50 ", "torchvision", "resnet50"),
        ("Torchvision:resnet50", "torchvision", "resnet50"),
        ("demo:seeded", "demo", "seeded"),
        ("file:net.py:make", "file", "net.py:make"),
        ("file:C:\\models\\net.py:make", "file", "C:\\models\\net.py:make"),
        ("C:\\models\\net.py:make", "file", "C:\\models\\net.py:make"),
        ("C:\\models\\net.py", "file", "C:\\models\\net.py"),
        ("./net.py", "file", "./net.py"),
        ("zoo:a:b", "zoo", "a:b"),
    ],
)
def test_ids(text: str, source: str, name: str) -> None:
    assert parse_id(text) == ModelId(source, name)


@pytest.mark.parametrize(
    ("name", "path", "factory"),
    [
        ("net.py:make", "net.py", "make"),
        ("net.py", "net.py", "make_model"),
        ("net.py:", "net.py", "make_model"),
        ("C:\\a b\\net.py:make", "C:\\a b\\net.py", "make"),
        ("C:/net.PY", "C:/net.PY", "make_model"),
        ("/x.py/net.py:f", "/x.py/net.py", "f"),
        ("Übung: 1/net.py:f", "Übung: 1/net.py", "f"),
    ],
)
def test_files(name: str, path: str, factory: str) -> None:
    assert parse_file(name) == (Path(path), factory)


@pytest.mark.parametrize("name", ["net", "net.pt:make", ""])
def test_no_python_file(name: str) -> None:
    with pytest.raises(ExplorerError, match=r"names no Python file.*file:net.py:make_model"):
        parse_file(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No model was named"),
        ("tensorhub:x", "not a source of models.*demo:, torchvision:, timm:, hf:, file:"),
        ("torchvision:resnet5", "Did you mean resnet50"),
        ("demo:nothing", "demo:seeded"),
        ("file:none.py:make", "There is no file"),
    ],
)
def test_names_that_lead_nowhere(text: str, words: str) -> None:
    with pytest.raises(ExplorerError, match=words):
        open_model(ModelSpec(text))

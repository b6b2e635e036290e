"""The catalogues hold every text of the source, and German is complete."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from explorer.core.message_catalogue import Message, read_messages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "packaging" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_catalogue_is_complete_and_has_the_placeholders_of_the_source(tool: Any) -> None:
    assert (tool.LOCALE / "de.po").is_file()
    assert tool.check() == []


def test_texts_are_found_as_they_are_looked_up(tool: Any) -> None:
    source = 'tr("a " "{b}", b=1)\nntr("{n} x", "{n} xs", n)\nX = msgid("per map")\nself.tr("no")\ntr(name)\n'
    assert list(tool.texts_of(source, "x.py")) == [("a {b}", ""), ("{n} x", "{n} xs"), ("per map", "")]


@pytest.mark.parametrize("source", ['tr(f"a {b}")', 'tr("a" + b)', 'ntr("x", f"{n}", n)'])
def test_a_text_that_is_put_together_before_it_is_looked_up_is_refused(tool: Any, source: str) -> None:
    with pytest.raises(ValueError, match="no literal"):
        list(tool.texts_of(source, "x.py"))


def test_wrong_translations_are_told(tool: Any) -> None:
    wrong = [
        Message("{a:.1f} of {b}", said=["{a} von {b}"], where=("x.py",)),
        Message(" of {a}", said=["von {a}"]),
        Message("Open", said=[""]),
        Message("%(prog)s runs", said=["läuft"]),
        Message("{n} map", "{n} maps", ["eine Karte", "{m} Karten"]),
    ]
    said = "\n".join(tool.problems(wrong))
    assert said.count("other placeholders") == 3
    assert said.count("white space") == 1
    assert said.count("not translated") == 1
    right = [
        Message("{a:.1f} of {b}", said=["{b}: {a:.1f}"]),
        Message("{n} map", "{n} maps", ["eine Karte", "{n} Karten"]),
    ]
    assert tool.problems(right) == []


def test_translations_are_taken_in_and_those_that_are_left_are_listed(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "LOCALE", tmp_path)
    monkeypatch.setattr(
        tool, "extracted", lambda: [Message("Open", where=("x.py",)), Message("{n} map", "{n} maps"), Message("Quit")]
    )
    assert tool.main(["new", "pl"]) == 0
    given = tmp_path / "given.json"
    given.write_text(
        json.dumps([{"text": "Open", "translation": "Otwórz"}, {"text": "{n} map", "translation": ["a", "b"]}])
    )
    assert tool.main(["fill", "pl", str(given)]) == 0
    stored = {
        each.text: each.said for each in read_messages((tmp_path / "pl.po").read_text(encoding="utf-8")) if each.text
    }
    assert stored == {"Open": ["Otwórz"], "{n} map": ["a", "b"], "Quit": [""]}
    capsys.readouterr()
    assert tool.main(["todo", "pl"]) == 0
    assert [row["text"] for row in json.loads(capsys.readouterr().out)] == ["Quit"]
    assert tool.main(["check"]) == 1
    monkeypatch.setattr(tool, "extracted", lambda: [Message("Open", where=("x.py",))])
    assert tool.main(["extract"]) == 0
    assert tool.main(["check"]) == 0

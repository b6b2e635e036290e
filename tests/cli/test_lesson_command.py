"""lesson check, new, pack, list and texts as a teacher calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from explorer.cli import lesson_check, run
from explorer.core.lessons.lesson_record import LessonRecord
from explorer.engine.lessons.hand_in import HandIn, write_hand_in
from tests.cli.test_long_lessons import LONG
from tests.support.lesson_files import SMALL

ROOT = Path(__file__).parents[2]
DOCS, LESSONS = ROOT / "docs" / "lessons.md", ROOT / "resources" / "lessons"


def lesson_in(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "lesson.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_lesson_of_the_documentation_is_made_checked_and_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By following the page literally."""
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "deeper-layers"
    assert run(["lesson", "new", str(folder)]) == 0
    (folder / "lesson.toml").write_text(example, encoding="utf-8")
    assert run(["lesson", "check", str(folder)]) == 0, capsys.readouterr().out
    assert "3 steps, 1 question, en" in capsys.readouterr().out
    assert run(["lesson", "texts", str(folder), "de"]) == 0
    assert run(["lesson", "check", str(folder)]) == 1  # nothing is translated yet
    assert "deeper-layers/title is not translated" in capsys.readouterr().out
    assert run(["lesson", "pack", str(folder), "--out", str(tmp_path / "deeper.fmxlab")]) == 0


def test_faults_are_told_by_their_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        SMALL.replace('point = ["strip"]', 'point = ["nowhere"]')
        .replace('of = "layer.channels@stage1.0.conv1"', 'of = "prediction.ringg"')
        .replace('done = "read"', 'done = { page = "values" }\nshow = [{ set = { page = "values" } }]')
        .replace("{layer.channels@stage1.0.conv1} channels", "{health.effective_rank}")
        .replace('hint = "The strip."', 'hint = "Of {prediction.ringg}."')
    )
    assert run(["lesson", "check", str(lesson_in(tmp_path / "bad", text))]) == 1
    said = capsys.readouterr().out
    for part in (
        "step 1, look: it is done before anybody has done anything",
        "step 2, deeper: point names 'nowhere'",
        "the question channels has no right answer after the step is shown",
        "then shows {health.effective_rank}, which is not known there",
        "{prediction.ringg} is shown before the question channels asks for it",
    ):
        assert part.lower() in said.lower(), said


def test_a_step_that_cannot_become_true_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SMALL.replace('set = { tap = "stage1.0.conv1" }', "set = { channel = 3 }")
    assert run(["lesson", "check", str(lesson_in(tmp_path / "bad", text)), "--json"]) == 1
    (report,) = json.loads(capsys.readouterr().out)
    assert "Step 2, deeper: after “Show me” it is not done: a layer stage1.* is shown." in report["faults"]


def test_a_layer_a_channel_and_a_class_that_are_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SMALL.replace(
        "show = [{",
        'show = [{ set = { tap = "layer9" } }, { set = { tap = "stem.2", channel = 99 } }, { class = "dog" }, {',
    )
    assert run(["lesson", "check", str(lesson_in(tmp_path / "bad", text))]) == 1
    said = capsys.readouterr().out
    assert "Step 2, “Deeper”, shows the layer layer9, which this model does not have." in said
    assert "shows channel 99 of the layer stem.2, which has 32 channels." in said
    assert "is about the class “dog”, which this model does not have." in said


def test_what_is_no_lesson_fails_and_the_others_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "check", str(tmp_path), str(tmp_path / "none")]) == 1
    assert capsys.readouterr().out.count("FAILED   This lesson cannot be used.") == 2
    assert run(["lesson", "check"]) == 1
    assert "No lesson is named" in capsys.readouterr().err


def test_hand_ins_are_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Ada", "Bo", "Cy"):
        record = LessonRecord("small", person=name)
        write_hand_in(tmp_path / f"{name}.fmxhand", HandIn(record, "{}", 1.0, 4.0, {"a/b": "How many?"}))
    assert run(["lesson", "results", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("small,1,4") == 3
    assert run(["lesson", "results", str(tmp_path), "--out", str(tmp_path / "all.csv")]) == 0
    assert (tmp_path / "all.csv").read_text(encoding="utf-8-sig").startswith("file,name")
    (tmp_path / "Bo.fmxhand").write_text("broken")
    assert run(["lesson", "results", str(tmp_path)]) == 1


def test_the_lessons_inside_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"en", "de"} <= set(rows[0]["languages"])
    assert run(["lesson", "list"]) == 0
    assert rows[0]["title"] in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("lesson", sorted(set(LESSONS.iterdir()) - set(LONG)), ids=lambda folder: folder.name)
def test_every_lesson_inside_is_whole(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "check", str(lesson)]) == 0, capsys.readouterr().out


def test_all_of_them_are_those_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    report = lesson_check.LessonReport("", "", ("en",), 0, 0, 0.0, ())
    monkeypatch.setattr(lesson_check, "check_lesson", lambda path, *_rest: checked.append(path.name) or report)
    assert run(["lesson", "check", "--all"]) == 0
    assert sorted(checked) == sorted(folder.name for folder in LESSONS.iterdir())

"""Hand-ins of three students: written, read, refused where they were changed, and as a table."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_record import GivenAnswer, LessonRecord
from explorer.core.session.session import Session
from explorer.engine.lessons.hand_in import HandIn, hand_ins, questions_of, read_hand_in, results_csv, write_hand_in
from explorer.engine.lessons.kept_records import KeptRecords

RECORD = LessonRecord(
    "small",
    "Small",
    "d" * 64,
    "en",
    "Ada",
    "2026-01-02T10:00:00",
    "2026-01-02T10:20:00",
    answers={"deeper/channels": GivenAnswer("32", True, 1.0)},
)
TITLES = {"deeper/channels": "How many?", "deeper/why": "Why?"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wrong = {"deeper/channels": GivenAnswer("=1+1", False, 0.0, 2, "32")}
    read = {"deeper/why": GivenAnswer("because", None)}
    for name, answers in (("Ada", RECORD.answers), ("Bo", wrong), ("Cy", read)):
        record = replace(RECORD, person=name, answers=answers)
        marks = sum(each.marks for each in answers.values())
        write_hand_in(tmp_path / f"{name}.fmxhand", HandIn(record, "{}", marks, 4.0, TITLES))
    return tmp_path


def test_a_hand_in_comes_back(folder: Path) -> None:
    assert read_hand_in(folder / "Ada.fmxhand") == HandIn(RECORD, "{}", 1.0, 4.0, TITLES)


def test_three_students_are_three_rows(folder: Path) -> None:
    rows = hand_ins(folder)
    assert [row.hand_in.record.person for row in rows if row.hand_in] == ["Ada", "Bo", "Cy"]
    assert questions_of(rows) == TITLES
    head, *lines = csv.reader(io.StringIO(results_csv(rows)))
    assert head[:5] == ["file", "name", "lesson", "marks", "most"]
    table = [dict(zip(head, line, strict=True)) for line in lines]
    assert [row["marks"] for row in table] == ["1", "0", "0"]
    assert table[1]["deeper/channels"] == "'=1+1 (wrong)"  # no formula for a spreadsheet
    assert table[2]["deeper/why"] == "because (to be read)"


def test_a_changed_hand_in_is_a_row_that_says_so(folder: Path) -> None:
    file = folder / "Bo.fmxhand"
    data = json.loads(file.read_text())
    data["parts"]["marks"] = "4.0"
    file.write_text(json.dumps(data))
    with pytest.raises(ExplorerError, match="The checksum of its marks is another one"):
        read_hand_in(file)
    (folder / "Cy.fmxhand").write_text("not json")
    rows = hand_ins(folder)
    assert [bool(row.fault) for row in rows] == [False, True, True]
    assert "This is no hand-in" in results_csv(rows)


def test_a_folder_without_hand_ins_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="There are no hand-ins"):
        hand_ins(tmp_path)
    with pytest.raises(ExplorerError, match="cannot be read"):
        hand_ins(tmp_path / "none")


def test_how_far_it_has_come_is_kept_for_this_very_lesson(tmp_path: Path) -> None:
    kept = KeptRecords(tmp_path / "kept")
    assert kept.get("small", RECORD.digest) is None
    kept.put(RECORD, Session(tap="x"))
    assert kept.get("small", RECORD.digest) == (RECORD, Session(tap="x"))
    assert kept.get("small", "e" * 64) is None
    kept.drop(RECORD)
    assert kept.get("small", RECORD.digest) is None
    KeptRecords(None).put(RECORD, None)
    assert KeptRecords(None).get("small", RECORD.digest) is None


def test_a_damaged_record_is_as_none(tmp_path: Path) -> None:
    kept = KeptRecords(tmp_path)
    kept.put(RECORD, None)
    for file in tmp_path.iterdir():
        file.write_text("broken")
    assert kept.get("small", RECORD.digest) is None


def test_nothing_in_the_table_is_a_formula(folder: Path) -> None:
    (folder / "=1+1.fmxhand").write_text("not json")
    titled = HandIn(replace(RECORD, person="Di"), "{}", 1.0, 4.0, {"=2+2": "?"})
    write_hand_in(folder / "Di.fmxhand", titled)
    cells = [cell for line in csv.reader(io.StringIO(results_csv(hand_ins(folder)))) for cell in line]
    assert "'=1+1.fmxhand" in cells
    assert "'=2+2" in cells
    assert not [cell for cell in cells if cell.startswith("=")]

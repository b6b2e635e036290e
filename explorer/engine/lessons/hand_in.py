"""Hand-ins: one file with what a person has answered and the session that was open, sealed by checksums; and a folder of them as a table.

The checksums tell a damaged file and a careless change. They are no proof: who wants to can make them anew.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_record import LessonRecord, record_from, record_json
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine import whole_files

SUFFIX = ".fmxhand"
FORMAT = 1
_MOST_BYTES = 8 << 20
_MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class HandIn:
    """`session`: the text of a session file. `marks` of `most`, as they were counted where it was handed in."""

    record: LessonRecord
    session: str
    marks: float
    most: float
    titles: Mapping[str, str]  # of the questions, by "STEP/QUESTION"


@dataclass(frozen=True, slots=True)
class HandInRow:
    """One file of a folder. `fault`: why it cannot be read; then there is no hand-in."""

    file: Path
    hand_in: HandIn | None = None
    fault: str = ""


def write_hand_in(path: Path, hand_in: HandIn) -> None:
    """Whole or not at all. Raises ExplorerError."""
    parts = {
        "record": record_json(hand_in.record),
        "session": hand_in.session,
        "marks": repr(hand_in.marks),
        "most": repr(hand_in.most),
        "titles": json.dumps(dict(hand_in.titles), ensure_ascii=False),
    }
    sums = {name: _sum(text) for name, text in parts.items()}
    text = json.dumps({"format": FORMAT, "parts": parts, "sha256": sums}, indent=1, ensure_ascii=False)
    whole_files.write(path, text.encode("utf-8"))


def read_hand_in(path: Path) -> HandIn:
    """Raises ExplorerError for what is none, or is not as it was handed in."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ExplorerError(
                tr("This hand-in cannot be read."),
                tr("{path} is longer than {most_bytes:,} bytes.", path=path.name, most_bytes=_MOST_BYTES),
            )
        data = parsed(path.read_bytes())
        parts, sums = data["parts"], data["sha256"]
        for name in ("record", "session", "marks", "most", "titles"):
            if sums[name] != _sum(parts[name]):
                raise ExplorerError(
                    tr("This hand-in is not as it was handed in."),
                    tr("The checksum of its {name} is another one.", name=name),
                )
        titles = {str(key): str(value) for key, value in parsed(parts["titles"]).items()}
        marks, most = float(parts["marks"]), float(parts["most"])
        return HandIn(record_from(parts["record"]), parts["session"], marks, most, titles)
    except OSError as error:
        raise ExplorerError(tr("This hand-in cannot be read."), f"{path}: {error.strerror or error}.") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExplorerError(tr("This is no hand-in."), f"{path.name}: {error}.") from None


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hand_ins(folder: Path) -> tuple[HandInRow, ...]:
    """Of a folder, by name; a file that cannot be read is a row that says why. Raises ExplorerError."""
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix.lower() == SUFFIX and each.is_file())
    except OSError as error:
        raise ExplorerError(tr("{folder} cannot be read.", folder=folder), f"{error.strerror or error}.") from None
    if not files:
        raise ExplorerError(
            tr("There are no hand-ins in {folder}.", folder=folder),
            "",
            tr("They are files called NAME{suffix}.", suffix=SUFFIX),
        )
    if len(files) > _MOST_FILES:
        raise ExplorerError(
            tr("There are too many hand-ins in {folder}.", folder=folder),
            tr("There are {count:,}, and at most {most:,} are read at once.", count=len(files), most=_MOST_FILES),
            tr("Put them into several folders."),
        )
    return tuple(_row(file) for file in files)


def _row(file: Path) -> HandInRow:
    try:
        return HandInRow(file, read_hand_in(file))
    except ExplorerError as error:
        return HandInRow(file, None, str(error))


def questions_of(rows: Iterable[HandInRow]) -> dict[str, str]:
    """The questions that were asked, "STEP/QUESTION" and their texts, in the order of the first hand-in that has them."""
    found: dict[str, str] = {}
    for row in rows:
        if row.hand_in is not None:
            for key, title in row.hand_in.titles.items():
                found.setdefault(key, title)
    return found


def results_csv(rows: Iterable[HandInRow]) -> str:
    """A line a hand-in: name, marks, minutes, and each answer. A text that a spreadsheet would take for a formula gets a ' before it."""
    rows = tuple(rows)
    keys = questions_of(rows)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["file", "name", "lesson", "marks", "most", "minutes", "begun", "ended", *map(_harmless, keys), "fault"]
    )
    for row in rows:
        if row.hand_in is None:
            writer.writerow([_harmless(row.file.name), *("" for _ in range(7 + len(keys))), _harmless(row.fault)])
            continue
        record = row.hand_in.record
        answers = [_answer(record, key) for key in keys]
        first = [row.file.name, record.person, record.lesson, f"{row.hand_in.marks:g}", f"{row.hand_in.most:g}"]
        times = [f"{record.seconds / 60:.1f}", record.begun, record.ended]
        writer.writerow([_harmless(each) for each in (*first, *times, *answers, "")])
    return out.getvalue()


def _answer(record: LessonRecord, key: str) -> str:
    given = record.answers.get(key)
    if given is None:
        return ""
    mark = {True: "right", False: "wrong", None: "to be read"}[given.right]
    return f"{given.read} ({mark})"


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text

"""The result of a lesson as a page: plain HTML that prints, with everything a person wrote taken as text."""

from __future__ import annotations

import html

from explorer.core.lessons.lesson import Lesson
from explorer.core.lessons.lesson_record import LessonRecord, ResultRow, marks_of, result_rows
from explorer.core.translation import tr


def marks_words(marks: float, most: float) -> str:
    """ "3.5 of 4"; "" where there are none."""
    return tr("{marks:g} of {most:g}", marks=marks, most=most) if most else ""


def minutes_words(seconds: float) -> str:
    """ "12 min", "40 s"."""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def result_html(lesson: Lesson, record: LessonRecord) -> str:
    """A head with the person, the time and the marks, and a table of steps and questions."""
    head = [
        (tr("Name"), record.person or "—"),
        (tr("Marks"), marks_words(marks_of(lesson, record), lesson.most) or "—"),
        (tr("Time"), minutes_words(record.seconds)),
        (tr("Begun"), record.begun.replace("T", " ")),
        (tr("Ended"), record.ended.replace("T", " ") or "—"),
        (tr("Lesson"), f"{record.lesson}, {record.digest[:12]}"),
    ]
    facts = "".join(
        f"<tr><td>{_text(name)}&nbsp;&nbsp;</td><td><b>{_text(value)}</b></td></tr>" for name, value in head
    )
    rows = "".join(map(_row, result_rows(lesson, record)))
    named = "".join(
        f"<th align='{side}'>{_text(name)}</th>"
        for name, side in ((tr("Step"), "left"), (tr("Result"), "left"), (tr("Marks"), "right"))
    )
    return (
        f"<h2>{_text(lesson.title)}</h2><table cellpadding='2'>{facts}</table><br>"
        f"<table cellpadding='4' cellspacing='0' width='100%'><tr>{named}</tr>{rows}</table>"
    )


def _row(row: ResultRow) -> str:
    title, more = _text(row.title), ""
    if row.question:
        title = f"&nbsp;&nbsp;&nbsp;{title}"
        more = f"<br>&nbsp;&nbsp;&nbsp;<b>{_text(row.answer)}</b>" if row.answer else ""
        more += tr(" (right: {text})", text=_text(row.truth)) if row.truth and row.wrong else ""
    marks = f"{row.marks:g} / {row.most:g}" if row.most else ""
    return f"<tr><td>{title}{more}</td><td>{_text(row.state)}</td><td align='right'><nobr>{marks}</nobr></td></tr>"


def _text(text: str) -> str:
    return html.escape(" ".join(text.split()))

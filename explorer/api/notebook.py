"""Results as a notebook shows them: tables as HTML, pictures as PNG."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]], notes: Iterable[str] = ()) -> str:
    """An HTML table; everything in it is text."""
    above = f"<caption>{_safe(title)}</caption>" if title else ""
    names = "".join(f"<th>{_safe(name)}</th>" for name in head)
    lines = ["".join(f"<td>{_safe(value)}</td>" for value in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table>{above}{f'<tr>{names}</tr>' if names else ''}{body}</table>{said(notes)}"


def words(text: str, notes: Iterable[str] = ()) -> str:
    """A text with its own line breaks and columns."""
    return f"{said(notes)}<pre>{_safe(text)}</pre>"


def said(notes: Iterable[str]) -> str:
    """What must be known of a result, a line each."""
    return "".join(f"<p><em>{_safe(note)}</em></p>" for note in notes)


def _safe(value: object) -> str:
    return html.escape(str(value))

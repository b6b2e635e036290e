"""Fields that the tables of a lesson have in common: ids, texts, marks."""

from __future__ import annotations

import re

from explorer.core.guides.guide import fault_of_values
from explorer.core.guides.toml_table import TomlTable
from explorer.core.lessons.lesson_pictures import fault_of_links
from explorer.core.translation import tr

MOST_CHARACTERS = 8000  # of a text

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def id_in(table: TomlTable) -> str:
    """Raises ExplorerError for what is no id."""
    value: str = table.get("id", str)
    if not _ID.fullmatch(value):
        table.fail("id", tr("{value!r} is no id: lower-case letters, digits and hyphens, at most 60", value=value[:80]))
    return value


def text_in(table: TomlTable, key: str, needed: bool = True) -> str:
    """A text in Markdown; "" for one that is not needed and not there. Raises ExplorerError."""
    text: str = table.get(key, str, None if needed else "")
    check_text(table, key, text)
    return text


def check_text(table: TomlTable, key: str, text: str) -> None:
    """Raises ExplorerError for a text that cannot be shown."""
    if why := fault_of_text(text):
        table.fail(key, why)


def fault_of_text(text: str) -> str:
    """Why a text in Markdown cannot be shown: it is too long, names values that do not exist, or leads out of the lesson."""
    if len(text) > MOST_CHARACTERS:
        return tr(
            "has {count:,} characters; {most_characters:,} can be shown",
            count=len(text),
            most_characters=MOST_CHARACTERS,
        )
    return fault_of_values(text) or fault_of_links(text)


def marks_in(table: TomlTable, default: float) -> float:
    """Raises ExplorerError for marks that cannot be given."""
    marks = table.number("marks", default)
    if not 0 <= marks <= 1000:
        table.fail("marks", tr("is {marks:g}; 0 to 1000 can be", marks=marks))
    return marks

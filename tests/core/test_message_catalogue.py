"""Catalogues are gettext's: what is written is read again, and gettext itself reads the same."""

from __future__ import annotations

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.message_catalogue import Message, plural_rule, read_messages, written

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n"
MESSAGES = [
    Message("", said=[HEADER]),
    Message('“{name}” has\n\t"{n}" \\ of', said=['„{name}“ hat\n\t"{n}" \\ von'], where=("a.py", "b.py")),
    Message("{n} layer", "{n} layers", ["{n} Schicht", "{n} Schichten"]),
    Message("Open", said=["Öffnen"], fuzzy=True),
    Message("not yet", said=[""], notes=("of a page",)),
]


def test_what_is_written_is_read_again() -> None:
    assert read_messages(written(MESSAGES)) == MESSAGES


def test_joined_lines_comments_and_obsolete_entries() -> None:
    text = '#. for translators\n#: x.py:3\nmsgid ""\n"a "\n"b"\nmsgstr "c"\n#~ msgid "gone"\n#~ msgstr "weg"\n\nmsgid "d"\nmsgstr "e"\n'
    first, second = read_messages(text)
    assert (first.text, first.said, first.where) == ("a b", ["c"], ("x.py:3",))
    assert (second.text, second.said, second.is_translated) == ("d", ["e"], True)


def test_what_is_fuzzy_or_half_is_not_translated() -> None:
    assert [each.is_translated for each in MESSAGES] == [True, True, True, False, False]
    assert not Message("{n} map", "{n} maps", ["{n} Karte", ""]).is_translated


@pytest.mark.parametrize("line", ["msgid open", 'msgfoo "x"', "rubbish"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ExplorerError, match=r"de\.po line 2"):
        read_messages(f'msgid "a"\n{line}\n', "de.po")


def test_the_plural_rule_is_the_headers() -> None:
    assert plural_rule(HEADER) == "n != 1"
    assert plural_rule("Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : 1);\n") == "(n%10==1 ? 0 : 1)"
    assert plural_rule("") == "n != 1"

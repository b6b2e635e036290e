"""Texts by context, catalogues of gettext, and a lesson in another language."""

from __future__ import annotations

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import lesson_from
from explorer.core.lessons.lesson_texts import faults_of, texts_of, translated
from explorer.core.lessons.po_file import PoEntry, catalogue_text, entries_from
from tests.support.lesson_files import SMALL

LESSON = lesson_from(SMALL)
TEXTS = texts_of(LESSON)
GERMAN = {context: PoEntry(text, f"DE {text}", 1) for context, text in TEXTS.items()}


def test_every_text_has_a_context() -> None:
    assert TEXTS["small/title"] == "Small"
    assert TEXTS["small/deeper/hint/1"] == "The strip."
    assert TEXTS["small/deeper/why/option/2"] == "A cat"
    assert TEXTS["small/deeper/channels/text"] == "How many?"


def test_a_translated_lesson_has_other_texts_and_the_same_conditions() -> None:
    german = translated(LESSON, GERMAN)
    assert german.title == "DE Small"
    assert german.steps[1].questions[1].options[1].text == "DE A cat"
    assert german.guide.steps[1].then.startswith("DE {layer")
    assert [step.guide.done for step in german.steps] == [step.guide.done for step in LESSON.steps]


def test_what_is_missing_fuzzy_or_old_stays_in_the_source_language() -> None:
    entries = {
        "small/title": PoEntry("Small", "Klein", 1, fuzzy=True),
        "small/look/title": PoEntry("An older text", "Alt", 1),
    }
    german = translated(LESSON, entries)
    assert (german.title, german.steps[0].guide.title) == ("Small", "Look")


def test_a_catalogue_is_read_as_it_was_written() -> None:
    odd = {"a/b": 'two\nlines with "quotes", a \\ and a tab\t', "a/c": "ä {value:.2f}"}
    known = {context: PoEntry(text, text[::-1]) for context, text in odd.items()}
    read = entries_from(catalogue_text(odd, "de", known), "de.po")
    assert {context: (entry.source, entry.text) for context, entry in read.items()} == {
        context: (text, text[::-1]) for context, text in odd.items()
    }


def test_tools_of_translators_write_more_than_we_do() -> None:
    text = (
        '# by hand\nmsgid ""\nmsgstr "Project: x\\n"\n\n#. note\n#: lesson.toml\n#, fuzzy, c-format\n#| msgid "old"\n'
        'msgctxt "a"\nmsgid ""\n"one "\n"two"\nmsgstr "eins zwei"\n\n'
        '#~ msgid "gone"\n#~ msgstr "weg"\n\nmsgctxt "b"\nmsgid "x"\nmsgstr ""\n'
    )
    assert entries_from(text, "de.po") == {"a": PoEntry("one two", "eins zwei", 10, True), "b": PoEntry("x", "", 19)}


@pytest.mark.parametrize(
    ("text", "said"),
    [("msgid x", "line 1"), ('"x"', "line 1"), ('msgctxt "a"\nmsgid "b"\nmsgstr "c"\n\n' * 2, "stands twice")],
)
def test_a_damaged_catalogue_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExplorerError, match=said):
        entries_from(text, "de.po")


def test_a_whole_translation_has_no_faults() -> None:
    assert list(faults_of(LESSON, "de", GERMAN)) == []


@pytest.mark.parametrize(
    ("context", "entry", "said"),
    [
        ("small/title", PoEntry("Small", ""), "small/title is not translated"),
        ("small/title", PoEntry("Smal", "Klein", 7), "line 7: small/title is of an older text"),
        (
            "small/look/text",
            PoEntry(TEXTS["small/look/text"], "Es sagt {top.label}.", 7),
            "small/look/text: shows {top.label}, and the source",
        ),
        ("small/look/title", PoEntry("Look", "![x](media/x.png)", 7), "shows other pictures"),
        ("small/look/title", PoEntry("Look", "https://x", 7), "leads to no other place"),
        ("small/gone", PoEntry("x", "y", 7), "small/gone is no text of this lesson"),
    ],
)
def test_faults_of_a_translation_are_told(context: str, entry: PoEntry, said: str) -> None:
    assert any(said in fault for fault in faults_of(LESSON, "de", {**GERMAN, context: entry}))


def test_a_translation_with_a_fault_is_not_shown() -> None:
    bad = {**GERMAN, "small/look/title": PoEntry("Look", "![x](/etc/x.png)", 7)}
    assert translated(LESSON, bad).steps[0].guide.title == "Look"

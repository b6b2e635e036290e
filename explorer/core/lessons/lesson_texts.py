"""Texts of a lesson by their context, "LESSON/STEP/FIELD", and the lesson in another language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from explorer.core.guides.guide import placeholders
from explorer.core.lessons.lesson import Lesson, LessonStep
from explorer.core.lessons.lesson_fields import fault_of_text
from explorer.core.lessons.lesson_pictures import pictures_in
from explorer.core.lessons.po_file import PoEntry
from explorer.core.lessons.questions import Question
from explorer.core.translation import tr

_Turn = Callable[[str, str], str]  # (context, text) -> text


def texts_of(lesson: Lesson) -> dict[str, str]:
    """All texts that are shown, by context, in their order."""
    found: dict[str, str] = {}

    def note(context: str, text: str) -> str:
        if text.strip():
            found[context] = text
        return text

    _turned(lesson, note)
    return found


def translated(lesson: Lesson, entries: Mapping[str, PoEntry]) -> Lesson:
    """With the texts of a catalogue; what it lacks, has of an older source text or has with a fault, stays."""

    return _turned(lesson, partial(translated_text, entries))


def translated_text(entries: Mapping[str, PoEntry], context: str, text: str) -> str:
    """One of its texts."""
    entry = entries.get(context)
    usable = entry is not None and entry.source == text and entry.text and not entry.fuzzy
    return entry.text if entry is not None and usable and not _fault(text, entry.text) else text


def _turned(lesson: Lesson, turn: _Turn) -> Lesson:
    def of_lesson(field: str, text: str) -> str:
        return turn(f"{lesson.id}/{field}", text)

    steps = tuple(_step(lesson.id, step, turn) for step in lesson.steps)
    guide = replace(
        lesson.guide,
        title=of_lesson("title", lesson.guide.title),
        about=of_lesson("about", lesson.guide.about),
        steps=tuple(step.guide for step in steps),
    )
    return replace(lesson, guide=guide, steps=steps)


def _step(lesson: str, step: LessonStep, turn: _Turn) -> LessonStep:
    here, guide = f"{lesson}/{step.guide.id}", step.guide
    turned = replace(
        guide,
        title=turn(f"{here}/title", guide.title),
        text=turn(f"{here}/text", guide.text),
        hint=tuple(turn(f"{here}/hint/{at}", hint) for at, hint in enumerate(guide.hint, 1)),
        then=turn(f"{here}/then", guide.then),
    )
    return replace(step, guide=turned, questions=tuple(_question(here, each, turn) for each in step.questions))


def _question(step: str, question: Question, turn: _Turn) -> Question:
    here = f"{step}/{question.id}"
    return replace(
        question,
        text=turn(f"{here}/text", question.text),
        options=tuple(
            replace(option, text=turn(f"{here}/option/{at}", option.text))
            for at, option in enumerate(question.options, 1)
        ),
        accept=tuple(turn(f"{here}/accept/{at}", words) for at, words in enumerate(question.accept, 1)),
        explain=turn(f"{here}/explain", question.explain),
    )


def faults_of(lesson: Lesson, language: str, entries: Mapping[str, PoEntry]) -> Iterator[str]:
    """What is wrong with a translation: texts that are missing, of an older source, or with other values or pictures."""
    texts = texts_of(lesson)
    for context, source in texts.items():
        entry = entries.get(context)
        if entry is None or not entry.text or entry.fuzzy:
            yield tr("{language}: {context} is not translated", language=language, context=context)
            continue
        if entry.source != source:
            yield tr(
                "{language}, line {line}: {context} is of an older text",
                language=language,
                line=entry.line,
                context=context,
            )
        elif why := _fault(source, entry.text):
            yield tr(
                "{language}, line {line}: {context}: {why}",
                language=language,
                line=entry.line,
                context=context,
                why=why,
            )
    for context, entry in entries.items():
        if context not in texts:
            yield tr(
                "{language}, line {line}: {context} is no text of this lesson",
                language=language,
                line=entry.line,
                context=context,
            )


def _fault(source: str, text: str) -> str:
    """Why a translation cannot stand in the place of its source text; "" where it can."""
    if placeholders(source) != placeholders(text):
        return tr(
            "shows {listed}, and the source text {listed2}",
            listed=_listed(placeholders(text)),
            listed2=_listed(placeholders(source)),
        )
    if set(pictures_in(source)) != set(pictures_in(text)):
        return tr("shows other pictures than the source text")
    return fault_of_text(text)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or tr("no value")

"""The session that a lesson begins with: the same on every machine, whatever was open before."""

from __future__ import annotations

from dataclasses import replace

from explorer import catalogue
from explorer.core.session.session import Session
from explorer.engine.lessons.lesson_source import OpenedLesson
from explorer.engine.session_bundle.session_file import found, read_session

PAGE = "values"


def session_at_start(opened: OpenedLesson) -> Session:
    """That of the lesson's own session file where it has one; its model, input and fields go before. The parameters of
    methods are as they come with the program where that file says nothing of them. Raises ExplorerError."""
    lesson, begun = opened.lesson, Session(page=PAGE)
    if lesson.session:
        file = opened.folder / lesson.session
        begun, _missing = found(file, *read_session(file))
    start = lesson.guide.start
    methods = tuple({**{spec.id: "{}" for spec in catalogue.methods}, **dict(begun.methods)}.items())
    whole = replace(begun, model=start.model, input=start.input, methods=methods)
    return replace(whole, **dict(start.fields))

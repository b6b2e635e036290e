"""The lesson beside the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .part import Part, at


class Lesson(Part):
    """The panel, its result page, the author's tools."""

    _desk = at("_commands.lessons")
    dock = at("_desk.dock")
    panel = at("_desk.panel")
    results = at("_desk.results")
    table = at("_desk.table")
    author = at("_desk.author")
    record = at("_desk.runs.record")
    now = at("_desk.runs.lesson")
    step = at("_desk.runs.step")
    facts = at("_desk.runs.facts")
    showing = at("_desk.runs.showing")
    begun = at("_desk.runs.begun")
    faults = at("_desk.runs.faults")
    class_file = at("_desk.runs._class")
    look = at("_desk.runs.look")
    go_to = at("_desk.runs.go_to")
    highlight = at("_desk.runs.highlight")
    close = at("_desk.close")
    write_hand_in = at("_desk.write_hand_in")
    show_hand_ins = at("_desk.show_hand_ins")
    show_results = at("_desk.show_results")

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._commands = app.commands

    def open(self, path: Path | str) -> None:
        """As a file that is named, dropped or double-clicked; `begun` tells when its start has come."""
        self._commands.open_paths([str(path)])

    def keep_in(self, folder: Path) -> None:
        """How far it has come is kept there, as in a window that lasts."""
        from explorer.engine.lessons.kept_records import KeptRecords

        self._desk.runs._kept = KeptRecords(folder)

    @property
    def shows_results(self) -> bool:
        """Whether the result page is in front."""
        return bool(self._desk._stack.currentWidget() is self.results)

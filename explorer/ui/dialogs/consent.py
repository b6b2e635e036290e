"""The question before a person's own Python file runs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.translation import ntr, tr
from explorer.engine.models.code_consent import Consent
from explorer.engine.models.own_code import Code
from explorer.ui.dialogs.parts import Dialog, Note, fixed_font, form
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest

LINES = 400  # of the source that are shown
_WIDEST = 400  # characters of a line
_SAYS = tr(
    "Opening this model runs the code in this file, and in files beside it that it imports, with your rights: it can read, "
    "change and send whatever you can. Run it only if you know where it comes from."
)
_REMEMBERED = tr("The answer is remembered for exactly this content; when a file changes, you are asked again.")


@dataclass(frozen=True, slots=True)
class Source:
    """The beginning of what would run, as it can be shown. `problem`: why it cannot be run now, "" if it can."""

    text: str = ""
    shown: int = 0  # lines
    lines: int = 0
    problem: str = ""
    others: tuple[str, ...] = ()  # names of the files beside it that it imports


def read_beginning(path: Path, sha256: str) -> Source:
    """The first lines of the file and of those it imports, if all of it is still what is asked about."""
    try:
        code = Consent().code(path)
    except ExplorerError as error:
        return Source(problem=str(error))
    if code.digest != sha256:
        return Source(
            problem=tr("The file has changed since it was read. Open the model again to see what it holds now.")
        )
    names = tuple(_name(other, code) for other in code.neighbours)
    lines = _lines(code.source)
    for name, other in zip(names, code.neighbours, strict=True):
        lines += ["", f"# ----- {name} -----", "", *_lines(code.files[other])]
    shown = [visible(line) for line in lines[:LINES]]
    return Source("\n".join(shown), len(shown), len(lines), others=names)


def _name(file: Path, code: Code) -> str:
    folder = code.path.parent
    return str(file.relative_to(folder)) if folder in file.parents else str(file)


def _lines(source: bytes) -> list[str]:
    return [line.rstrip("\r") for line in source.decode("utf-8", "replace").removesuffix("\n").split("\n")]


def visible(line: str) -> str:
    """The line with everything that could hide code or turn its order around written out, and cut where it is endless."""
    out = "".join(c if c == "\t" or c.isprintable() or unicodedata.category(c) == "Zs" else _escaped(c) for c in line)
    return (
        out
        if len(out) <= _WIDEST
        else tr("{out} … ({count} more characters)", out=out[:_WIDEST], count=len(out) - _WIDEST)
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class ConsentDialog(Dialog):
    """`accept` is a yes. No is the default, and what Escape and Enter mean."""

    def __init__(self, path: Path, sha256: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Run this file?"), tr("&Run it"), parent, refuse=tr("Do &not run it"))
        source = read_beginning(path, sha256)
        self.source = QPlainTextEdit(source.text)
        self.source.setReadOnly(True)
        self.source.setFont(fixed_font())
        self.source.setTabStopDistance(4 * self.source.fontMetrics().horizontalAdvance(" "))
        self.source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.source.setAccessibleName(tr("Beginning of the file"))
        self.source.setTabChangesFocus(True)
        grid = form()
        mono = fixed_font()
        rows = [(tr("File"), path.name), (tr("Folder"), str(path.absolute().parent))]
        rows += [(tr("Imports"), ", ".join(source.others))] if source.others else []
        for row, (name, value) in enumerate(rows):
            grid.addWidget(_dim(name), row, 0)
            grid.addWidget(_plain(visible(value), bold=row == 0), row, 1)
        digest = QLabel(f"{sha256[:16]} …")
        digest.setFont(mono)
        digest.setToolTip(sha256)
        grid.addWidget(_dim("SHA-256"), len(rows), 0)
        grid.addWidget(digest, len(rows), 1)
        says = QLabel(_SAYS)
        says.setWordWrap(True)
        nest(self.body, grid)
        self.body.addWidget(says)
        self.body.addWidget(self.source, 1)
        self.body.addWidget(Note(_how_much(source)))
        self.judge(source.problem, wrong=True)
        if not source.problem:
            self.problem.say(_REMEMBERED)
        self._prefer_no()
        self.resize(820, 620)

    def _prefer_no(self) -> None:
        self.ok.setAutoDefault(False)
        self.ok.setDefault(False)
        self.cancel.setAutoDefault(True)
        self.cancel.setDefault(True)
        self.cancel.setFocus()


def ask_consent(path: Path, sha256: str, parent: QWidget | None = None) -> bool:
    """Whether the person says yes to running this very content. Waits for the answer; remembers nothing itself."""
    dialog = ConsentDialog(path, sha256, parent)
    try:
        return bool(dialog.exec())
    finally:
        dialog.deleteLater()


def _how_much(source: Source) -> str:
    if source.problem:
        return tr("Its content cannot be shown.")
    if source.shown < source.lines:
        return tr(
            "The first {shown} of {lines} lines. Read the rest in an editor before you run it.",
            shown=source.shown,
            lines=source.lines,
        )
    return ntr("All of it: {lines} line.", "All of it: {lines} lines.", source.lines, lines=source.lines)


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("dim")
    return label


def _plain(text: str, bold: bool) -> Elided:
    """The very characters: a name of a file may look like HTML."""
    label = Elided(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = QFont(label.font())
    font.setBold(bold)
    label.setFont(font)
    return label

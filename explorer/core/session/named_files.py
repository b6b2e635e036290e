"""The files that a session names: models, weights, Python files, inputs, data sets, indexes. Pure: no file is looked at."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from explorer.core.translation import msgid
from explorer.core.untrusted_json import parsed_table

PYTHON_FILE = re.compile(r"^(?P<path>.+\.py)(?::(?P<factory>[^:/\\]*))?$", re.IGNORECASE | re.DOTALL)
PROGRAMS = ("pt2", "onnx")  # suffixes of whole models, and what they are opened by
_PROGRAM_FILE = re.compile(r"^(?:[a-z]:)?[^:]+\.(pt2|onnx)$", re.IGNORECASE | re.DOTALL)  # without a prefix; C: is none
_OF_FILES = ("picture", "video", "sound", "lines")  # kinds of inputs whose path is one of a file
_LONGEST = 4096  # characters of a path


class FileRole(StrEnum):
    """What a file is for."""

    MODEL = msgid("model")  # a folder of transformers, the card of a learnt model, an exported program, an ONNX model
    CODE = msgid("Python file")
    WEIGHTS = msgid("weights")
    INPUT = msgid("input")
    DATA = msgid("data set")
    INDEX = msgid("index")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file or a folder that a session names."""

    role: FileRole
    path: str
    kind: str = ""  # InputRef.kind of an input; of a data set or an index: the method whose parameters name it

    @property
    def name(self) -> str:
        """Without its folder."""
        return re.split(r"[/\\]", self.path.rstrip("/\\"))[-1]

    @property
    def folder(self) -> str:
        """Without its name."""
        return self.path.rstrip("/\\")[: -len(self.name)].rstrip("/\\") or self.path[:1]

    @property
    def is_folder(self) -> bool:
        """Whether a folder is meant, as far as its name tells."""
        if self.role is FileRole.MODEL:
            return not (self.path.lower().endswith(".json") or is_program(self.path))
        return self.role is FileRole.DATA and not self.path.lower().endswith(".txt")


Move = Callable[[NamedFile], str]


def is_program(path: str) -> bool:
    """Whether a path is one of a program of torch.export or of an ONNX model, by its suffix."""
    return program_of(path) != ""


def program_of(path: str) -> str:
    """The source that opens such a path, "" for any other."""
    return next((source for source in PROGRAMS if path.lower().endswith(f".{source}")), "")


def program_named(text: str) -> str:
    """The source that opens a text which is a path without a prefix, "" where it is none of a program."""
    return program_of(text) if _PROGRAM_FILE.match(text) else ""


def is_absolute(path: str) -> bool:
    """Of this system or of another one."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def split_id(text: str) -> tuple[str, NamedFile | None, str]:
    """A model's id as (what stands before its path, the file, what stands behind); None where it names none."""
    source, colon, name = text.partition(":")
    source = source.strip().lower() if colon else ""
    if source in ("card", *PROGRAMS) and name:
        return f"{source}:", NamedFile(FileRole.MODEL, name), ""
    if program := program_named(text):
        return f"{program}:", NamedFile(FileRole.MODEL, text), ""
    if source == "hf" and (
        is_absolute(name) or name.startswith((".", "~")) or name.count("/") > 1
    ):  # ORGANISATION/NAME
        return "hf:", NamedFile(FileRole.MODEL, name), ""
    found = PYTHON_FILE.match(name if source == "file" else text)
    if found is None:
        return text, None, ""
    factory = found["factory"]
    return "file:", NamedFile(FileRole.CODE, found["path"]), f":{factory}" if factory else ""


def files_of(session: Session) -> tuple[NamedFile, ...]:
    """Each once, in the order in which they are needed."""
    found: dict[NamedFile, None] = {}

    def keep(file: NamedFile) -> str:
        found.setdefault(file)
        return file.path

    moved(session, keep)
    return tuple(found)


def moved(session: Session, move: Move) -> Session:
    """The session with other paths: `move` is called with every file that it names and answers with its path."""

    def input_at(ref: InputRef, _digest: str) -> InputRef:
        if not ref.path or not (ref.kind in _OF_FILES or ("." in ref.kind and is_absolute(ref.path))):
            return ref
        return replace(ref, path=move(NamedFile(FileRole.INPUT, ref.path, ref.kind)))

    place, data = session.transfer, session.dataset
    train, test = _absolute(place.data, FileRole.DATA, move), _absolute(place.test, FileRole.DATA, move)
    store, indexed = _absolute(data.store, FileRole.INDEX, move), _absolute(data.data, FileRole.DATA, move)
    session = with_models(session, lambda spec: _model(spec, move))
    return with_inputs(
        replace(
            session,
            transfer=replace(place, data=train, test=test),
            dataset=replace(data, store=store, data=indexed),
            methods=tuple((name, _params(name, text, move)) for name, text in session.methods),
        ),
        input_at,
    )


def with_models(session: Session, change: Callable[[ModelSpec], ModelSpec]) -> Session:
    """The session with other models: `change` is called with each."""
    pairs: list[tuple[str, str]] = []

    def changed(spec: ModelSpec | None) -> ModelSpec | None:
        if spec is None:
            return None
        new = change(spec)
        pairs.append((f"{spec.id}|", f"{new.id}|"))
        return new

    model, pinned = changed(session.model), session.pinned
    columns = tuple(replace(column, model=changed(column.model)) for column in session.comparison.columns)
    if pinned is not None:  # `ModelCard.digest` begins with the id of its model
        new = next((new + pinned.model[len(old) :] for old, new in pairs if pinned.model.startswith(old)), pinned.model)
        pinned = replace(pinned, model=new)
    return replace(session, model=model, pinned=pinned, comparison=replace(session.comparison, columns=columns))


def with_inputs(session: Session, change: Callable[[InputRef, str], InputRef]) -> Session:
    """The session with other inputs: `change` is called with each, and with the digest that it must have ("": any)."""

    def changed(ref: InputRef | None, digest: str = "") -> InputRef | None:
        return None if ref is None else change(ref, digest)

    def edits_of(edits: Edits) -> Edits:
        return tuple(replace(edit, origin=changed(edit.origin, edit.source)) for edit in edits)

    columns = tuple(
        replace(column, input=changed(column.input), edits=edits_of(column.edits))
        for column in session.comparison.columns
    )
    pinned = session.pinned
    if pinned is not None:
        pinned = replace(pinned, input=change(pinned.input, pinned.digest))
    return replace(
        session,
        input=changed(session.input),
        edits=edits_of(session.edits),
        pinned=pinned,
        comparison=replace(session.comparison, columns=columns),
    )


def asked_for(session: Session, missing: Collection[NamedFile]) -> tuple[NamedFile, ...]:
    """Those that are worth a question: parameters also name folders that were used once, on pages that are not looked at."""
    used = {*session.results, session.page}
    set_aside = (FileRole.DATA, FileRole.INDEX)
    return tuple(file for file in missing if file.role not in set_aside or not file.kind or file.kind in used)


def relative_paths(session: Session, folder: str) -> dict[str, str]:
    """The absolute paths of a session as seen from a folder, with "/" between their parts; without those on another drive."""
    found = {}
    for file in files_of(session):
        if os.path.isabs(file.path):
            try:
                found[file.path] = os.path.relpath(file.path, folder).replace(os.sep, "/")
            except ValueError:  # another drive of Windows, or no path at all
                continue
    return found


def relative_in(text: str) -> dict[str, str]:
    """The table that `relative_paths` has made, from the text of a session file; {} where it has none."""
    table = parsed_table(text).get("relative")
    return (
        {
            str(path): beside
            for path, beside in table.items()
            if isinstance(beside, str)
            and 0 < len(beside) <= _LONGEST
            and "\0" not in beside
            and not is_absolute(beside)
        }
        if isinstance(table, dict)
        else {}
    )


def beside_first(
    session: Session, folder: str, relative: dict[str, str], exists: Callable[[str], bool]
) -> tuple[Session, tuple[NamedFile, ...]]:
    """(the session with the files that are there: seen from its own folder first, else where they were; what is missing)."""
    missing: dict[NamedFile, None] = {}

    def find(file: NamedFile) -> str:
        beside = relative.get(file.path, "" if is_absolute(file.path) else file.path)
        near = os.path.normpath(os.path.join(folder, beside)) if beside else ""
        for path in (near, file.path):
            if path and exists(path):
                return path
        missing.setdefault(file)
        return file.path

    return moved(session, find), tuple(missing)


def located(session: Session, places: dict[str, str]) -> Session:
    """The session with files at other places, by their paths in it."""
    return moved(session, lambda file: places.get(file.path, file.path))


def found_along(
    old: NamedFile, new: str, missing: Collection[NamedFile], exists: Callable[[str], bool]
) -> dict[str, str]:
    """Where the missing files lie once one of them has been found: at the same place seen from it, or in the same folder."""
    found, parts, there = {old.path: new}, _parts(old.folder), os.path.dirname(new)
    for file in missing:
        if file.path in found:
            continue
        here = _parts(file.folder)
        common = next((at for at, (one, other) in enumerate(zip(parts, here, strict=False)) if one != other), None)
        common = min(len(parts), len(here)) if common is None else common
        up = [os.pardir] * (len(parts) - common)
        same = os.path.normpath(os.path.join(there, *up, *here[common:], file.name)) if common > 1 else ""
        for path in (os.path.join(there, file.name), same):
            if path and exists(path):
                found[file.path] = path
                break
    return found


def _parts(folder: str) -> list[str]:
    return re.split(r"[/\\]", folder)


def _model(spec: ModelSpec, move: Move) -> ModelSpec:
    before, file, behind = split_id(spec.id)
    name = spec.id
    if file is not None and (path := move(file)) != file.path:
        name = f"{before}{path}{behind}"
    weights = move(NamedFile(FileRole.WEIGHTS, spec.weights)) if spec.weights else ""
    return replace(spec, id=name, weights=weights)


def _absolute(path: str, role: FileRole, move: Move, method: str = "") -> str:
    """A place that may also be a word: "gallery", "demo:world"."""
    return move(NamedFile(role, path, method)) if path and is_absolute(path) else path


def _params(method: str, text: str, move: Move) -> str:
    """Parameters of a method: the absolute paths among them."""
    values = parsed_table(text)
    new = {
        name: _absolute(value, FileRole.INDEX if name == "store" else FileRole.DATA, move, method)
        if isinstance(value, str) and len(value) <= _LONGEST and "\n" not in value
        else value
        for name, value in values.items()
    }
    return text if new == values else json.dumps(new)

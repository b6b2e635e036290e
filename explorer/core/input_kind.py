"""What a kind of input is: where pictures of it come from, described as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.inputs import BUILT_IN
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class InputKind:
    """A kind of input.

    id: the `InputRef.kind` of its inputs; that of a package has a dot in it ("acme.dicom"). opener: "module:function", imported when
    it is first needed and called with an InputRef; it gives a Picture or raises ExplorerError. suffixes: of the files that it opens,
    in lower case with the dot. named: whether a command line names its inputs as "ID:NAME". again: what to do where an input of it
    is in no file and cannot be opened again; "": it can.
    """

    id: str
    title: str
    opener: str = ""
    suffixes: tuple[str, ...] = ()
    named: bool = False
    again: str = ""
    api: int = 1


def fault_of(kind: object, api: int) -> tuple[str, str]:
    """(its id, why it cannot be used: "" where it can)."""
    if not isinstance(kind, InputKind):
        return "", tr("it is no InputKind")
    if kind.api != api:
        return kind.id, tr(
            "it is made for version {api} of the plug-in interface; this program has {api2}", api=kind.api, api2=api
        )
    if kind.id not in BUILT_IN and "." not in kind.id:
        return kind.id, tr("its id must have a dot in it, as in acme.dicom")
    return kind.id, ""

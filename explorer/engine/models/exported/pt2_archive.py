"""A `.pt2` archive: what is in it, refused where it brings code, and its program as plain values. No torch, no pickle, no sympy.

Format: `docs/source/export/pt2_archive.md` of PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.untrusted_json import parsed
from explorer.engine.models.exported.program import Payload, Program
from explorer.engine.models.exported.program_json import NotRead, meta_of, program_of
from explorer.engine.models.weights import names
from explorer.engine.models.weights.archive import INFLATED, Archive
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.pickles import names_in

_LONGEST = 512 << 20  # bytes of a program's text
_WEIGHTS, _CONSTANTS = "data/weights/", "data/constants/"
_AGAIN = "Save it with torch.export.save(program, FILE), without compiling it."


@dataclass(frozen=True, slots=True, eq=False)
class Pt2File:
    """`payloads`: the tensors by their names in the model; entries of the archive are under `folder`."""

    archive: Archive
    folder: str
    program: Program
    payloads: Mapping[str, Payload]
    swapped: str  # "little" or "big": which byte of a number comes first


def read_pt2(data: memoryview) -> Pt2File:
    """Raises Broken, TooMuch, NotRead."""
    archive = Archive(data)
    folder = _folder(archive)
    inside = [name.removeprefix(folder) for name in archive.entries if name.startswith(folder)]
    if any(name.startswith("data/aotinductor/") for name in inside):
        raise NotRead("it is compiled (AOTInductor): a native library that would run on this computer", _AGAIN)
    order = _order(archive, folder)
    _refuse_dangerous(archive, folder, inside)
    models = [name for name in inside if name.startswith("models/") and name.endswith(".json")]
    if len(models) != 1:
        raise NotRead(f"it holds {len(models)} programs", "Save one program in it.")
    model = models[0].removeprefix("models/").removesuffix(".json")
    payloads = {
        **_payloads(archive, folder, f"{_WEIGHTS}{model}_weights_config.json", _WEIGHTS),
        **_payloads(archive, folder, f"{_CONSTANTS}{model}_constants_config.json", _CONSTANTS),
    }
    program = program_of(_read(archive, folder + models[0]))
    return Pt2File(archive, folder, program, payloads, order)


def is_pt2(names_of_entries: object) -> bool:
    """Whether an archive with these entries is one of torch.export, of this or an older layout."""
    inside = {str(name).partition("/")[2] or str(name) for name in names_of_entries}  # type: ignore[attr-defined]
    return ("archive_format" in inside and "data.pkl" not in inside) or "serialized_exported_program.json" in inside


def _folder(archive: Archive) -> str:
    """The one folder that everything lies in, with a slash."""
    if any(name.rpartition("/")[2] == "serialized_exported_program.json" for name in archive.entries):
        raise NotRead("it was saved by torch before 2.7, in another layout", "Export it again with a later torch.")
    marks = [name for name in archive.entries if name.rpartition("/")[2] == "archive_format" and name.count("/") < 2]
    if len(marks) != 1:
        raise NotRead("it is no archive of torch.export")
    folder = marks[0].removesuffix("archive_format")
    if bytes(_read(archive, marks[0])).strip() != b"pt2":
        raise NotRead("it is an archive of another kind than pt2")
    version = f"{folder}archive_version"
    said = bytes(_read(archive, version)).strip() if version in archive.entries else b"0"
    if said != b"0":
        raise NotRead(f"its archive is of version {said.decode('ascii', 'replace')[:10]}, and version 0 is read here")
    return folder


def _order(archive: Archive, folder: str) -> str:
    name = f"{folder}byteorder"
    word = bytes(_read(archive, name)) if name in archive.entries else b"little"
    if word not in (b"little", b"big"):
        raise Broken("its order of bytes is unknown")
    return word.decode()


def _read(archive: Archive, name: str) -> memoryview:
    if name in archive.entries and archive.entries[name].nbytes > _LONGEST:
        raise TooMuch(f"{name[-60:]} in it has {archive.entries[name].nbytes >> 20:,} MB")
    if name not in archive.entries:
        raise Broken(f"{name[-60:]} is not in it")
    return archive.read(name, INFLATED)


def _refuse_dangerous(archive: Archive, folder: str, inside: list[str]) -> None:
    """The example inputs are a pickle that is not needed, and is not read as one: its names alone are looked at.

    Who meant to run code on this computer is not to be trusted with numbers.
    """
    for name in inside:
        if name.startswith("data/sample_inputs/"):
            content = _read(archive, folder + name)
            if bytes(content[:4]) == b"PK\x03\x04":
                within = Archive(content)
                content = next((within.read(each) for each in within.entries if each.endswith("data.pkl")), content)
            bad = names.dangerous(names_in(content))
            if bad:
                listed = names.listed(bad)
                raise NotRead(f"its example inputs are Python objects, and torch's loader would run {listed}", _AGAIN)


def _payloads(archive: Archive, folder: str, config: str, at: str) -> dict[str, Payload]:
    if folder + config not in archive.entries:
        return {}
    try:
        held = parsed(bytes(_read(archive, folder + config)))["config"]
        return {name: _payload(name, entry, at, folder) for name, entry in held.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Broken("the list of its weights is not written as torch.export writes it") from None


def _payload(name: str, entry: Mapping[str, object], at: str, folder: str) -> Payload:
    if entry["use_pickle"] is not False or entry["tensor_meta"] is None:
        shown = names.shown(name, 60)
        what = f"“{shown}” in it is a Python object and no plain tensor, and making it could run code"
        raise NotRead(what, "Export the model without custom classes and subclasses of tensors.")
    if not isinstance(entry["path_name"], str) or not isinstance(entry["tensor_meta"], dict):
        raise TypeError
    return Payload(f"{folder}{at}{entry['path_name']}", meta_of(entry["tensor_meta"]), entry["is_param"] is True)

"""A `.pt2` archive: what is in it, refused where it brings code, and its program as plain values. No torch, no pickle, no sympy.

Format: `docs/source/export/pt2_archive.md` of PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.exported.program import Payload, Program
from explorer.engine.models.exported.program_json import NotRead, meta_of, program_of
from explorer.engine.models.weights import names
from explorer.engine.models.weights.archive import INFLATED, Archive
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.pickles import names_in

_LONGEST = 512 << 20  # bytes of a program's text
_WEIGHTS, _CONSTANTS = "weights/", "constants/"  # in "data/"
_AGAIN = tr("Save it with torch.export.save(program, FILE), without compiling it.")


@dataclass(frozen=True, slots=True, eq=False)
class Pt2File:
    """`payloads`: the tensors by their names in the model; everything in the archive is under `folder`."""

    archive: Archive
    folder: str
    program: Program
    payloads: Mapping[str, Payload]


def read_pt2(data: memoryview) -> Pt2File:
    """Raises Broken, TooMuch, NotRead."""
    archive = Archive(data)
    folder = _folder(archive)
    inside = [name.removeprefix(folder) for name in archive.entries if name.startswith(folder)]
    if any(name.startswith("data/aotinductor/") for name in inside):
        raise NotRead(tr("it is compiled (AOTInductor): a native library that would run on this computer"), _AGAIN)
    _refuse_dangerous(archive, folder, inside)
    models = [name for name in inside if name.startswith("models/") and name.endswith(".json")]
    if len(models) != 1:
        raise NotRead(tr("it holds {count} programs", count=len(models)), tr("Save one program in it."))
    model = models[0].removeprefix("models/").removesuffix(".json")
    payloads = {
        **_payloads(archive, folder, f"data/{_WEIGHTS}{model}_weights_config.json", _WEIGHTS),
        **_payloads(archive, folder, f"data/{_CONSTANTS}{model}_constants_config.json", _CONSTANTS),
    }
    program = program_of(_read(archive, folder + models[0]))
    return Pt2File(archive, folder, program, payloads)


def _folder(archive: Archive) -> str:
    """The one folder that everything lies in, with a slash."""
    if any(name.rpartition("/")[2] == "serialized_exported_program.json" for name in archive.entries):
        raise NotRead(
            tr("it was saved by torch before 2.7, in another layout"), tr("Export it again with a later torch.")
        )
    marks = [name for name in archive.entries if name.rpartition("/")[2] == "archive_format" and name.count("/") < 2]
    if len(marks) != 1:
        raise NotRead(tr("it is no archive of torch.export"))
    folder = marks[0].removesuffix("archive_format")
    if bytes(_read(archive, marks[0])).strip() != b"pt2":
        raise NotRead(tr("it is an archive of another kind than pt2"))
    version = f"{folder}archive_version"
    said = bytes(_read(archive, version)).strip() if version in archive.entries else b"0"
    if said != b"0":
        raise NotRead(
            tr(
                "its archive is of version {decode}, and version 0 is read here",
                decode=said.decode("ascii", "replace")[:10],
            )
        )
    return folder


def _read(archive: Archive, name: str) -> memoryview:
    if name in archive.entries and archive.entries[name].nbytes > _LONGEST:
        raise TooMuch(tr("{name} in it has {nbytes:,} MB", name=name[-60:], nbytes=archive.entries[name].nbytes >> 20))
    if name not in archive.entries:
        raise Broken(tr("{name} is not in it", name=name[-60:]))
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
                raise NotRead(
                    tr("its example inputs are Python objects, and torch's loader would run {listed}", listed=listed),
                    _AGAIN,
                )


def _payloads(archive: Archive, folder: str, config: str, at: str) -> dict[str, Payload]:
    if folder + config not in archive.entries:
        return {}
    try:
        held = parsed(bytes(_read(archive, folder + config)))["config"]
        return {name: _payload(name, entry, at) for name, entry in held.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Broken(tr("the list of its weights is not written as torch.export writes it")) from None


def _payload(name: str, entry: Mapping[str, object], at: str) -> Payload:
    if entry["use_pickle"] is not False or entry["tensor_meta"] is None:
        shown = names.shown(name, 60)
        what = tr("“{shown}” in it is a Python object and no plain tensor, and making it could run code", shown=shown)
        raise NotRead(what, tr("Export the model without custom classes and subclasses of tensors."))
    if not isinstance(entry["path_name"], str) or not isinstance(entry["tensor_meta"], dict):
        raise TypeError
    return Payload(f"{at}{entry['path_name']}", meta_of(entry["tensor_meta"]), entry["is_param"] is True)

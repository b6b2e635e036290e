"""What the layers of an ONNX graph are called: the path of the module that an exporter has noted, else the node's own name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

_SCOPES = "pkg.torch.onnx.name_scopes"
_LONGEST = 2000  # characters of a note that is read
_NAME = 160  # and of a name that is made
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2066-\u2069]+")


def paths_of(protos: Iterable[Any]) -> list[str]:
    """A path of its own for each node: that of its module where nothing else happens there but further calls of the same
    operator, with the operator behind it elsewhere."""
    split = [(*_scope(proto, number), proto.op_type) for number, proto in enumerate(protos)]
    kinds: dict[str, set[str]] = {}
    around: set[str] = set()  # modules with others in them
    for scope, _, op in split:
        kinds.setdefault(scope, set()).add(op)
        parts = scope.split(".")
        around.update(".".join(parts[:count]) for count in range(1, len(parts)))
    used: set[str] = set()
    found = []
    for scope, word, _ in split:
        alone = bool(scope) and len(kinds[scope]) == 1 and scope not in around
        path = (scope if alone else f"{scope}.{word}" if scope else word)[-_NAME:]
        if path in used:
            path = next(f"{path}_{n}" for n in range(1, len(used) + 2) if f"{path}_{n}" not in used)
        used.add(path)
        found.append(path)
    return found


def _scope(proto: Any, number: int) -> tuple[str, str]:
    """(path of the module or "", the operator's name in it)."""
    noted = next((entry.value for entry in proto.metadata_props if entry.key == _SCOPES), "")
    scopes = _listed(noted)
    if scopes:
        return _clean(scopes[-2] if len(scopes) > 1 else ""), _clean(scopes[-1]) or proto.op_type
    parts = [part for part in map(_clean, proto.name.split(";")[0].split("/")) if part]
    if not parts:
        return "", f"{_clean(proto.op_type)}_{number}"
    path = before = ""
    for part in parts[:-1]:  # torch writes /layer1/layer1.0/conv: a part repeats the one before it
        path = path + part[len(before) :] if before and part.startswith(f"{before}.") else f"{path}.{part}".lstrip(".")
        before = part
    return path, parts[-1]


def _listed(text: str) -> list[str]:
    if not text or len(text) > _LONGEST:
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return found if isinstance(found, list) and all(isinstance(each, str) for each in found) else []


def _clean(text: str) -> str:
    return _UNFIT.sub("_", text).strip("._")

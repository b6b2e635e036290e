"""Writes explorer/__init__.pyi: the types of the Python API, of which the functions of methods are made from the catalogue.

python packaging/api_stub.py
"""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_HEAD = '"""Types of the Python API; made by packaging/api_stub.py."""\n'


def stub() -> str:
    """The whole file."""
    import explorer
    from explorer import catalogue
    from explorer.api.named_methods import name_of, signature_of

    imports = defaultdict(set)
    for name, where in explorer._API.items():
        imports[where if "." in where else f"explorer.api.{where}"].add(f"{name} as {name}")
    imports["explorer.api.method_runs"].add("MethodResult as MethodResult")
    imports["explorer.api.opened_models"] |= {"AnyModel", "Shown"}
    imports["collections.abc"].add("Sequence")
    functions = []
    for entry in catalogue.methods.entries:
        spec = entry.value
        if not spec.command or entry.package:
            continue
        imports[spec.result.__module__].add(spec.result.__name__)
        given = ", ".join(_arguments(signature_of(spec)))
        functions.append(f"def {name_of(spec)}({given}) -> MethodResult[{spec.result.__name__}]: ...")
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    return "\n".join((_HEAD, *lines, "", "__version__: str", "", *functions, ""))


def _arguments(signature: inspect.Signature) -> list[str]:
    known = {"model": "AnyModel", "second": "AnyModel", "input": "Shown"}
    found, named = [], False
    for name, each in signature.parameters.items():
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not named:
            named = True
            found.append("*")
        kind = known.get(name) or _word(each.annotation)
        found.append(f"{name}: {kind}{'' if each.default is inspect.Parameter.empty else ' = ...'}")
    return found


def _word(kind: object) -> str:
    plain = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)
    return plain.replace("collections.abc.", "")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    (ROOT / "explorer" / "__init__.pyi").write_text(stub(), encoding="utf-8")

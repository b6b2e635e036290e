"""Circles of imports, also of those that serve types alone: there are none, of files and of folders."""

from __future__ import annotations

import ast
from pathlib import Path

import explorer

ROOT = Path(explorer.__file__).parent


def _modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = (ROOT.name, *path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """All modules of ours that a file names in an import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & modules.keys() or {node.module or ""}
    return found & modules.keys()


def _in_circles(graph: dict[str, set[str]]) -> set[str]:
    """Modules that import themselves by way of others."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = list(graph[start])
        while ahead:
            here = ahead.pop()
            if here not in seen:
                seen.add(here)
                ahead += graph[here]
        return seen

    return {name for name in graph if name in reached(name)}


def _graph() -> dict[str, set[str]]:
    modules = _modules()
    return {name: _imported(path, modules) - {name} for name, path in modules.items()}


def _inside(folder: str, graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Imports between what lies directly in a folder: a folder in it counts as one, a file for itself."""

    def part(module: str) -> str | None:
        inner = module.removeprefix(f"{folder}.")
        return None if inner == module else inner.partition(".")[0]

    parts: dict[str, set[str]] = {}
    for module, imported in graph.items():
        if (here := part(module)) is not None:
            parts.setdefault(here, set()).update(there for m in imported if (there := part(m)) not in (None, here))
    return parts


def test_no_module_stands_in_a_circle() -> None:
    assert _in_circles(_graph()) == set()


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert _in_circles(graph) == {"a", "b", "c"}


def test_no_folder_stands_in_a_circle() -> None:
    graph = _graph()
    found = {folder: circle for folder in graph if (circle := _in_circles(_inside(folder, graph)))}
    assert found == {}


def test_a_circle_of_folders_is_found() -> None:
    graph = {"e.a.x": {"e.b.x"}, "e.b.x": set(), "e.b.y": {"e.c"}, "e.c": {"e.a.y"}, "e.a.y": set(), "e.d": {"e.a.x"}}
    assert _in_circles(_inside("e", graph)) == {"a", "b", "c"}
    assert _in_circles(graph) == set()

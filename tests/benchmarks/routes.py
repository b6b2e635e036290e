"""How many own functions and files four routes of the window run through, worker round trips and redraws: counts, not times."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

_BARS = {"scrub": (60, 15), "picture": (90, 25), "attribution": (90, 25), "compare": (90, 25)}
_TITLES = {
    "scrub": "one layer on, by key",
    "picture": "another picture, from the file to the mosaic",
    "attribution": "attribution, from the request to the overlay",
    "compare": "Compare: another model in a column",
}


def measure(_settings: Settings) -> list[Row]:
    """One process, one window; every call of a function below `explorer/` is counted from the act until all is drawn."""
    rows: list[Row] = []
    with Child("routes") as child:
        child.ask("open", name="demo:shapes-cnn")
        for route, (functions, files) in _BARS.items():
            seen: dict[str, Any] = child.ask(route)
            title = _TITLES[route]
            detail = f"{seen['calls']} calls; UI thread {seen['ui_files']} files, worker {seen['worker_files']}"
            rows.append(Row(f"{title}: functions", seen["functions"], "functions", functions, detail=detail))
            rows.append(Row(f"{title}: files", seen["files"], "files", files))
            rows.append(Row(f"{title}: jobs of the worker", seen["jobs"], "jobs", 0 if route == "scrub" else 1))
    return rows

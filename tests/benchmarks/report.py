"""Figures as a table for the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.values import Row

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = ("what", "measured", "bar", "", "seen")


def number(row: Row) -> str:
    if row.value is None:
        return "—"
    digits = 0 if row.unit in ("forwards", "taps") else 3 if row.unit in ("×", "s") else 1
    text = f"{row.value:,.{digits}f}"
    return f"{text} {row.unit}" if row.unit != "×" else f"{text} ×"


def _cells(row: Row) -> tuple[str, ...]:
    bar = "" if row.bar is None else f"{'≤' if row.sense == '<=' else '≥'} {row.bar:g}"
    return row.what, number(row), bar, {None: "", True: "reached", False: "MISSED"}[row.reached], row.detail


def table(rows: list[Row]) -> str:
    """Columns for a terminal."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(4)]
    lines = []
    for line in cells:
        first, figure, *rest = (
            text.rjust(w) if i == 1 else text.ljust(w) for i, (text, w) in enumerate(zip(line, widths, strict=False))
        )
        lines.append("  ".join((first, figure, *rest, line[4])).rstrip())
    return "\n".join(lines)


def markdown(results: dict[str, Any]) -> str:
    """All measurements of a results file, one table each."""
    parts = [_machine(results["machine"])]
    for name, found in results["measurements"].items():
        lines = [
            f"### {name}",
            "",
            f"{circumstances(found)}.",
            "",
            f"| {' | '.join(_HEAD)} |",
            "|---|---:|---:|---|---|",
        ]
        for row in (Row(**fields) for fields in found["rows"]):
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(row)) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def circumstances(found: dict[str, Any]) -> str:
    """When it was measured, for how long, and who else was there."""
    load = found["load"][0] if found["load"] else "unknown"
    others = "unknown" if found["others"] is None else f"{found['others']:.2f} cores"
    quick = "; SHORT RUNS, these figures mean little" if found["quick"] else ""
    return (
        f"{found['when'][:16]}, {found['seconds']:.0f} s; load before {load}; used by other processes {others}{quick}"
    )


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in machine["versions"].items())
    plain = "; ".join(f"{key}: {value}" for key, value in machine.items() if key != "versions")
    return f"{plain}; {versions}.\n"


def merge(file: Path, machine: dict[str, Any], name: str, found: dict[str, Any]) -> dict[str, Any]:
    """Puts one measurement into a results file: what was measured before under another name stays."""
    results: dict[str, Any] = {"measurements": {}}
    if file.exists():
        results = json.loads(file.read_text(encoding="utf-8"))
    results["machine"] = machine
    results["measurements"][name] = {**found, "rows": [asdict(row) for row in found["rows"]]}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return results


def write_into(page: Path, text: str) -> None:
    """Replaces what stands between the two marks of a page."""
    old = page.read_text(encoding="utf-8")
    before, mark, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{page.name} has no lines {BEGIN} and {END} to write between.")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")

"""`feature-map-explorer doctor`: versions, devices, folders and libraries, each with the way out."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from explorer.cli import doctor_checks as checks
from explorer.cli.doctor_checks import CheckLine
from explorer.core.translation import capitalised, msgid, ntr, tr

Check = Callable[[], Iterable[CheckLine]]

SECTIONS: dict[str, tuple[Check, ...]] = {
    msgid("versions"): (checks.versions,),
    msgid("devices"): (checks.devices,),
    msgid("folders"): (checks.folders,),
    msgid("what works"): (
        checks.torch_works,
        checks.libraries,
        checks.qt_starts,
        checks.video,
        checks.media_devices,
        checks.demo_models,
        checks.weights_found,
        checks.optional_sources,
        checks.onnx_models,
        checks.plug_ins,
    ),
}
MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def report() -> dict[str, Any]:
    """{"ok": no problem found, "problems": names, then section -> [{name, value, state, todo}]}; takes a few seconds. Never raises."""
    sections = {title: [line for check in group for line in _lines(check)] for title, group in SECTIONS.items()}
    problems = [line.name for lines in sections.values() for line in lines if line.state == "problem"]
    plain = {title: [asdict(line) for line in lines] for title, lines in sections.items()}
    return {"ok": not problems, "problems": problems, **plain}


def _lines(check: Check) -> list[CheckLine]:
    found: list[CheckLine] = []
    try:
        for line in check():  # what was found before it raised stays in the report
            found.append(line)
    except Exception as error:  # noqa: BLE001 - a part that is missing or broken is a finding, whatever it raises
        name = check.__name__.replace("_", " ")
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        found.append(CheckLine(name, what, "problem", tr("Install the application again with the set-up script.")))
    return found


def render(found: dict[str, Any]) -> str:
    """The report as text, one line a finding, the way out beneath it."""
    lines: list[str] = []
    for title in SECTIONS:
        lines += ["", capitalised(tr(title))]
        wide = max((len(line["name"]) for line in found[title]), default=0)
        for line in found[title]:
            head = f"  {MARKS[line['state']]}  {line['name']:<{wide}}  "
            body = textwrap.wrap(
                line["value"], max(40, 118 - len(head)), break_long_words=False, break_on_hyphens=False
            )
            lines.append(head + ("\n" + " " * len(head)).join(body or ["-"]))
            if line["todo"]:
                lines.append(" " * len(head) + "-> " + line["todo"])
    count = len(found["problems"])
    end = (
        tr("No problems.")
        if not count
        else ntr(
            "{count} problem: {list}.",
            "{count} problems: {list}.",
            count,
            count=count,
            list=", ".join(found["problems"]),
        )
    )
    return "\n".join([*lines[1:], "", end])


def run(args: argparse.Namespace) -> int:
    """0 when the application can work here; 1, with the reason in one line on stderr, when it cannot."""
    if args.device:
        from explorer.cli import device_report

        return device_report.run(args.device, args.json)
    found = report()
    print(json.dumps(found, indent=1) if args.json else render(found))
    if found["ok"]:
        return 0
    print(f"feature-map-explorer: problems with {', '.join(found['problems'])}", file=sys.stderr)
    return 1

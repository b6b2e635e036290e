"""`feature-map-explorer doctor --device DEVICE`: whether a device gives the values of the CPU, and how fast it is."""

from __future__ import annotations

import json
import math
import platform
import sys
from typing import Any

from explorer.core.translation import msgid, tr

_MEASURED_BY = {
    "largest": msgid("of the largest value"),
    "length": msgid("of the length"),
    "absolute": msgid("absolute"),
}
_COLUMNS = "  {mark}  {name:<18}{difference:>12}{tolerance:>12}  {by:<22}{rate:>12}{cpu_rate:>12}  {unit}"


def run(device: str, as_json: bool) -> int:
    """0 where all values are those of the CPU within the tolerances, 1 where some are not. Raises ExplorerError for no such device."""
    import torch

    from explorer.api.device_comparing import compared, in_tf32, usable
    from explorer.engine.jobs import devices

    name = usable(device)
    title = dict(devices.devices())[name]
    if not as_json:
        print(_head(name, title, in_tf32(name)))
    rows = []
    for each in compared(name):
        row = {
            "name": each.work.name,
            "same": each.same,
            "difference": each.difference if math.isfinite(each.difference) else None,  # JSON knows no infinity
            "measured_by": each.work.metric,
            "place": each.place,
            "tolerance": each.tolerance,
            "rate": each.rate,
            "cpu_rate": each.cpu_rate,
            "unit": each.work.unit,
            "tf32": each.tf32,
            "error": each.error,
        }
        rows.append(row)
        if not as_json:
            print(_line(row), flush=True)
    others = [row["name"] for row in rows if not row["same"]]
    if as_json:
        about = {"device": name, "title": title, "torch": torch.__version__, "python": platform.python_version()}
        print(json.dumps({"ok": not others, **about, "tf32": in_tf32(name), "work": rows}, indent=1))
    elif not others:
        print("\n" + tr("{device} gives the values of the CPU, within the tolerances.", device=title))
    if not others:
        return 0
    named = ", ".join(tr(str(other)) for other in others)
    print("feature-map-explorer: " + tr("other values than on the CPU: {list}", list=named), file=sys.stderr)
    return 1


def _head(name: str, title: str, tf32: bool) -> str:
    said = tr("{name} ({title}) beside the CPU, in float32", name=name, title=title)
    if tf32:
        said += "; " + tr("torch is set to TF32 on it, which the last line compares")
    columns = {
        "mark": " " * 7,
        "name": tr("work"),
        "difference": tr("difference"),
        "tolerance": tr("tolerance"),
        "by": "",
        "rate": tr("a second"),
        "cpu_rate": tr("on the CPU"),
        "unit": "",
    }
    return said + "\n" + _COLUMNS.format(**columns).rstrip()


def _line(row: dict[str, Any]) -> str:
    name = tr(row["name"]) + (" (TF32)" if row["tf32"] else "")
    mark = "ok     " if row["same"] else "PROBLEM"
    if row["error"]:
        return f"  {mark}  {name:<18}{row['error']}"
    different = "∞" if row["difference"] is None else f"{row['difference']:.1e}"
    said = _COLUMNS.format(
        mark=mark,
        name=name,
        difference=different,
        tolerance=f"{row['tolerance']:g}",
        by=tr(_MEASURED_BY[row["measured_by"]]),
        rate=f"{row['rate']:.1f}",
        cpu_rate=f"{row['cpu_rate']:.1f}",
        unit=tr(row["unit"]),
    )
    return said if row["same"] else f"{said}\n{' ' * 11}{tr('most at {place}', place=row['place'])}"

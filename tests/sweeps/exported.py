"""`python -m tests.sweeps exported [WORD …]`: models that torch.export has saved, opened here, give the values of the original.

Every output of every module that both have is compared bit by bit with what a cloning hook saw on the original; stride, cells,
multiply-adds and kind of each layer with those of the original. Untrained, on small pictures.
"""

from __future__ import annotations

import gc
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import torch
from program_files import compared, exported, reopened

from explorer.core.activations import Tap
from explorer.core.errors import ExplorerError
from explorer.engine.capture.forward import discover
from tests.sweeps._zoo import Make, timm_models, torchvision_models

_FACTS = (
    "type kind shape layout grid prefix order batched receptive detail parameters macs leaf alias then fed_by".split()
)


def _told(tap: Tap) -> dict[str, object]:
    return {name: getattr(tap, name) for name in _FACTS}


def check(make: Make, folder: Path) -> tuple[Counter[str], list[str]]:
    torch.manual_seed(0)
    net, side = make()
    net = net.eval()
    x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    counts, said = Counter[str](), []
    begun = time.process_time()
    try:
        path = exported(net, x, folder / "net.pt2")
    except Exception as error:  # noqa: BLE001 what the exporter says
        return Counter({"not exported": 1}), [f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"]
    exporting, begun = time.process_time() - begun, time.process_time()
    other = reopened(path).module
    opening = time.process_time() - begun
    differ, same, lacking, worst = compared(net, other, x)
    counts.update({"same bits": same, "other bits": len(differ), "not in the program": len(lacking)})
    if differ:
        said.append(f"{len(differ)} differ by up to {worst:.1e}, the first {differ[:3]}")
        counts["WRONG"] += worst > 1e-5
    ours = {tap.name: tap for tap in discover(other, x.clone()).plan.taps}
    for tap in discover(net, x.clone()).plan.taps:
        if tap.observable and tap.name in ours and ours[tap.name].observable:
            own, their = _told(tap), _told(ours[tap.name])
            unlike = [name for name in own if own[name] != their.get(name)]
            counts["layers with other facts"] += bool(unlike)
            if unlike and len(said) < 4:
                said.append(f"{tap.name}: " + ", ".join(f"{n} {own[n]} / {their.get(n)}" for n in unlike)[:160])
    said.append(f"[export {exporting:.1f} s, open {opening:.1f} s]")
    return counts, said + ([f"not in the program: {lacking[:3]}"] if lacking else [])


def main(words: list[str]) -> int:
    made = {**torchvision_models(), **(timm_models() if "timm" in words else {})}
    words = [word for word in words if word != "timm"]
    totals: Counter[str] = Counter()
    for name, make in made.items():
        if words and not any(word in name for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                counts, said = check(make, Path(folder))
            except ExplorerError as error:
                counts, said = Counter({"refused": 1}), [str(error)]
            except Exception:  # noqa: BLE001 - the sweep goes on
                counts, said = Counter({"WRONG": 1}), [traceback.format_exc(limit=-3)]
        gc.collect()
        totals.update(counts)
        totals["models"] += 1
        totals["models with the bits of the original"] += not (
            counts["other bits"] or counts["WRONG"] or counts["refused"]
        )
        print(f"{name}: {dict(counts)} {'; '.join(said)}", flush=True)
    print(", ".join(f"{key} {number}" for key, number in totals.items()))
    return 1 if totals["WRONG"] else 0

"""`python -m tests.sweeps models [WORD …]`: every model opens and its taps are true, or it is refused in words.

The oracle is plain hooks of torch. A model counts as wrong when a tap that both see has another value, when a module that
hooks see has no tap, when something that cannot be seen has no reason, or when anything but an ExplorerError is raised.
"""

from __future__ import annotations

import traceback
from collections import Counter
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.outputs import same, tensors_of
from explorer.engine.models import LoadedModel
from tests.sweeps._opened import each, picture


def plainly(net: nn.Module, x: Tensor) -> dict[tuple[str, int, str], Tensor]:
    """What hooks alone see, by path, call and part."""
    found: dict[tuple[str, int, str], Tensor] = {}
    counts: Counter[str] = Counter()
    running: list[tuple[str, int]] = []

    def before(path: str) -> Any:
        def hook(_module: nn.Module, _args: Any) -> None:
            running.append((path, counts[path]))
            counts[path] += 1

        return hook

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        path, call = running.pop()
        found.update({(path, call, key): t.detach().clone() for key, t in tensors_of(output).items()})

    handles = []
    for path, m in net.named_modules():
        handles += [m.register_forward_pre_hook(before(path)), m.register_forward_hook(after)]
    try:
        with torch.no_grad():
            net(x.clone())
    finally:
        for handle in handles:
            handle.remove()
    return found


def differs(a: Tensor, b: Tensor) -> str:
    """ "" for the same bits, "bits" for what another order of sums explains (torch's attention has a faster path that hooks
    and watched functions switch off), "values" for anything else."""
    a, b = a.nan_to_num(), b.nan_to_num()
    if torch.equal(a, b):
        return ""
    return "bits" if same(a, b) else "values"


def wrong(loaded: LoadedModel) -> tuple[int, int, list[str]]:
    """(number of taps, how many are the same but for their last bits, what is wrong)."""
    net, x = loaded.module, picture(loaded)
    expected = plainly(net, x)
    seen = discover(net, x.clone())
    quick = capture(net, x.clone(), seen.plan)
    taps = {(tap.path, tap.call, tap.key): tap for tap in seen.plan.taps if tap.kind != "function"}
    said = [f"{key} has no tap" for key in expected if key not in taps]
    said += [f"{tap.name} has no reason" for tap in seen.plan.taps if not tap.observable and not tap.reason]
    last_bits = 0
    for key, tap in taps.items():
        if tap.observable and key in expected:
            how = {differs(tensors[tap.name], expected[key]) for tensors in (seen.tensors, quick.tensors)}
            said += [f"{tap.name} has other values"] if "values" in how else []
            last_bits += "bits" in how
    return len(taps), last_bits, said


def main(words: list[str]) -> int:
    counts: Counter[str] = Counter()
    for name, found, seconds in each(words):
        if isinstance(found, str):
            counts["refused"] += 1
            print(f"refused {name}: {found}", flush=True)
            continue
        try:
            taps, bits, said = wrong(found)
        except ExplorerError as error:
            counts["stopped"] += 1
            print(f"stopped {name}: {error}", flush=True)
            continue
        except Exception:  # noqa: BLE001 - the sweep goes on
            taps, bits, said = 0, 0, [traceback.format_exc(limit=-3)]
        counts["wrong" if said else "true"] += 1
        counts["taps"] += taps
        counts["taps the same but for their last bits"] += bits
        print(f"{'WRONG' if said else 'true'} {name}: {taps} taps, {seconds:.0f} s {'; '.join(said[:4])}", flush=True)
    print(", ".join(f"{key} {number}" for key, number in counts.items()))
    return 1 if counts["wrong"] else 0

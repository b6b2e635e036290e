"""Receptive fields against the reach of the gradient, and captured values against plain hooks.

`python -m tests.sweeps fields [--only WORD …] [--json FILE]`. Every cell of every tap of every model: no pixel outside the box
that is claimed has a gradient, and where the box is called exact the gradient reaches its four sides. Values of the first and
of a second, planned forward equal clones that plain hooks made, to the last bit.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from reach import corners, positive, reached, swept, verdict, verdicts
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.engine.capture.forward import CapturePlan, Discovery, capture, discover
from explorer.engine.capture.outputs import parts
from tests.sweeps._zoo import Make, timm_models, torchvision_models


def picture(side: int, seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed), dtype=dtype) + 0.1


def plain(net: nn.Module, x: Tensor) -> dict[tuple[str, int, str], Tensor]:
    """What every module returned, copied in its hook."""
    found: dict[tuple[str, int, str], Tensor] = {}
    running: list[tuple[str, int]] = []
    counts: Counter[str] = Counter()

    def begin(path: str) -> Any:
        def hook(_m: nn.Module, _a: object) -> None:
            running.append((path, counts[path]))
            counts[path] += 1

        return hook

    def end(_m: nn.Module, _a: object, output: object) -> None:
        path, call = running.pop()
        found.update({(path, call, key): v.clone() for key, v in parts(output) if isinstance(v, Tensor)})

    handles = []
    for path, m in net.named_modules():
        handles += [m.register_forward_pre_hook(begin(path)), m.register_forward_hook(end)]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return found


def unequal(net: nn.Module, x: Tensor, seen: Discovery) -> list[str]:
    expected = plain(net, x)
    return [
        tap.name
        for tap in seen.plan.taps
        if tap.observable
        and not torch.equal(seen.tensors[tap.name].nan_to_num(), expected[tap.path, tap.call, tap.key].nan_to_num())
    ]


def check(make: Make) -> dict[str, Any]:
    """The counts of one model, and what is wrong."""
    torch.manual_seed(0)
    net, side = make()
    net = net.eval()
    x, other = picture(side, 1), picture(side, 2)
    watched = discover(net, x.clone())
    wrong_values = unequal(net, x, watched) + unequal(net, other, capture(net, other.clone(), watched.plan))
    taps = [tap for tap in watched.plan.taps if tap.observable and tap.receptive is not None and tap.grid is not None]
    wrong, cells = fields(net, side, watched.plan, taps)
    return {
        "side": side,
        "values": 2 * sum(tap.observable for tap in watched.plan.taps),
        "wrong values": wrong_values,
        "taps": len(taps),
        "exact": sum(tap.receptive.exact and not tap.receptive.whole for tap in taps if tap.receptive),
        "whole": sum(tap.receptive.whole for tap in taps if tap.receptive),
        "maps without a place": sum(
            len(t.shape) == 4 and t.receptive is None for t in watched.plan.taps if t.observable
        ),
        "cells": cells,
        "wrong fields": wrong,
    }


def fields(net: nn.Module, side: int, plan: CapturePlan, taps: list[Tap]) -> tuple[list[str], int]:
    """(what is wrong, number of cells looked at): every cell, or five of each tap where the network cannot go through at once."""
    net = positive(copy.deepcopy(net))
    inputs = picture(side, 3, torch.float64)
    # what is called whole claims nothing that could be wrong
    claiming = [tap for tap in taps if tap.receptive is not None and not tap.receptive.whole]
    wrong: list[str] = []
    count = 0
    try:
        touched = swept(net, inputs, claiming)
    except (RuntimeError, NotImplementedError, AssertionError, ValueError, TypeError, IndexError):
        touched = {}
    for tap in claiming:
        if tap.name in touched:
            wrong += verdicts(tap, *touched[tap.name])
            count += tap.grid[0] * tap.grid[1] if tap.grid else 0
    left = [tap for tap in claiming if tap.name not in touched]
    for seen in reached(net, inputs, left, corners) if left else ():
        count += 1
        wrong += [said] if (said := verdict(seen, (side, side))) else []
    return wrong, count


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps fields", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="models with one of these in their name")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args(arguments)
    models = {**torchvision_models(), **timm_models()}
    chosen = {name: make for name, make in models.items() if not args.only or any(word in name for word in args.only)}
    results: dict[str, dict[str, Any]] = {}
    for name, make in chosen.items():
        begun = time.perf_counter()
        try:
            results[name] = check(make)
        except Exception as error:  # noqa: BLE001 the next model all the same
            traceback.print_exc()
            results[name] = {"failed": f"{type(error).__name__}: {error}"[:300]}
        gc.collect()
        print(f"{name} {time.perf_counter() - begun:.0f} s {json.dumps(results[name])[:2000]}", flush=True)
        if args.json is not None:
            args.json.write_text(json.dumps(results, indent=1))
    return _summary(results)


def _summary(results: dict[str, dict[str, Any]]) -> int:
    done = [r for r in results.values() if "failed" not in r]
    sums = {
        key: sum(r[key] for r in done) for key in ("values", "taps", "exact", "whole", "maps without a place", "cells")
    }
    wrong = {key: sum(len(r[key]) for r in done) for key in ("wrong values", "wrong fields")}
    print(f"{len(done)} models, {len(results) - len(done)} failed: {json.dumps(sums)} {json.dumps(wrong)}")
    return 1 if any(wrong.values()) or len(done) < len(results) else 0

"""`python -m tests.sweeps attention [WORD …]`: attention is found in every model that has some, and proved.

Proved: the recomputed weights times the values are what the block itself got, for every query. Counted beside it: what is
listed with the reason why its weights cannot be had, and modules called attention in which nothing was found.
"""

from __future__ import annotations

import traceback
from collections import Counter

import torch

from explorer.core.errors import ExplorerError
from explorer.engine.attention.record import find
from explorer.engine.models import LoadedModel
from tests.sweeps._opened import each, picture

_TOLERANCE = 1e-4  # of the largest number of the result


def looked(loaded: LoadedModel) -> tuple[Counter[str], list[str]]:
    found = find(loaded.module, picture(loaded), values=True)
    counts, said = Counter[str](), []
    for call in found.calls:
        if call.reason:
            counts["with a reason"] += 1
            said.append(f"{call.name}: {call.reason}")
            continue
        one = found.of(call.name)
        assert one.result is not None
        result = one.grouped(one.result)
        error = float((one.mixed() - result).abs().max()) / max(float(result.abs().max()), 1e-30)
        counts["proved" if error <= _TOLERANCE else "WRONG"] += 1
        if error > _TOLERANCE:
            said.append(f"{call.name} differs by {error:.1e}")
    named = {path for path, m in loaded.module.named_modules() if "attention" in type(m).__name__.lower()}
    inside = {call.path for call in found.calls}
    missed = [path for path in named if not any(p == path or p.startswith(f"{path}.") for p in inside)]
    missed = [p for p in missed if not any(q != p and q.startswith(f"{p}.") for q in named)]
    missed = [p for p in missed if not any(p.startswith(f"{q}.") for q in inside)]
    counts["modules in which none was found"] += len(missed)
    return counts, said + ([f"none in {', '.join(sorted(missed)[:3])}"] if missed else [])


def main(words: list[str]) -> int:
    totals: Counter[str] = Counter()
    for name, found, _ in each(words):
        if isinstance(found, str):
            totals["models refused"] += 1
            continue
        try:
            with torch.no_grad():
                counts, said = looked(found)
        except ExplorerError as error:
            totals["models stopped"] += 1
            print(f"stopped {name}: {error}", flush=True)
            continue
        except Exception:  # noqa: BLE001 - the sweep goes on
            counts, said = Counter({"WRONG": 1}), [traceback.format_exc(limit=-3)]
        if counts.total() or said:
            totals["models with attention"] += 1
            print(f"{name}: {dict(counts)} {'; '.join(said[:3])}", flush=True)
        totals.update(counts)
    print(", ".join(f"{key} {number}" for key, number in totals.items()))
    return 1 if totals["WRONG"] else 0

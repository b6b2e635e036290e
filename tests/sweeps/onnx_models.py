"""`python -m tests.sweeps onnx_models [WORD …] [reference] [traced]`: ONNX models, opened here, give the values of the original.

Every value of every layer beside the layer of the same name in the original, from both of torch's exporters (the newer one where
onnxscript is installed; `traced`: the older alone); with `reference` also beside onnx's own evaluator. Then CPU seconds of a forward
with one watched layer and with all values, in parts of the runtime's own bare run of the file, and beside them those of the
runtime alone when it gives all values. Untrained, on 224 pixels.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import onnxruntime
import torch
from onnx_files import reference, reopened
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.capture.forward import capture, discover
from explorer.engine.jobs import devices
from tests.sweeps._zoo import torchvision_models

_ROUNDS = 9
_NEAR = 1e-4  # of the largest value of a layer


def _export(net: nn.Module, x: Tensor, path: Path, traced: bool) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, (x,), str(path), dynamo=not traced, verbose=False)
    return path


def _off(value: Tensor, other: Tensor) -> float:
    return float((value.double() - other.double()).abs().max() / other.abs().max().clamp(min=1e-12))


def _seconds(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """CPU seconds, the median of rounds in which all take turns."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for number in range(_ROUNDS + 2):
        for name, work in works.items():
            begun = time.process_time()
            work()
            if number > 1:
                found[name].append(time.process_time() - begun)
    return {name: statistics.median(each) for name, each in found.items()}


def check(net: nn.Module, x: Tensor, path: Path, traced: bool, evaluated: bool) -> tuple[Counter[str], list[str]]:
    loaded = reopened(_export(net, x, path, traced))
    seen, original = discover(loaded.module, x.clone()), discover(net, x.clone())
    both = [
        n for n, value in seen.tensors.items() if n in original.tensors and original.tensors[n].shape == value.shape
    ]
    off = {name: _off(seen.tensors[name], original.tensors[name]) for name in both}
    # a convolution with the batch norm in it gives what the batch norm gave
    folded = [n for n in both if off[n] > _NEAR and any(t.path == n and t.type == "Conv" for t in seen.plan.taps)]
    far = {name: each for name, each in off.items() if each > _NEAR and name not in folded}
    counts = Counter(
        {"values": len(seen.tensors), "beside the original": len(both), "folded": len(folded), "WRONG": len(far)}
    )
    said = [
        f"off by up to {max((off[n] for n in both if n not in folded), default=0):.0e} {list(far.items())[:3] or ''}"
    ]
    if evaluated:
        expected = reference(path, x)
        worst = [
            _off(seen.tensors[layer.path], torch.from_numpy(expected[layer.outputs[0]]))
            for layer in loaded.module.graph.layers
            if layer.path in seen.tensors
        ]
        counts.update({"beside the reference": len(worst), "WRONG": sum(each > _NEAR for each in worst)})
        said.append(f"reference: off by up to {max(worst):.0e}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = {session.get_inputs()[0].name: x.numpy()}
    every = [tap.name for tap in seen.plan.taps if tap.observable]
    watched = [tap.name for tap in seen.plan.taps if tap.kind == "conv"]
    capture(loaded.module, x, seen.plan, every, early=False)
    whole = max(loaded.module.sessions._sessions.values(), key=lambda part: len(part.asked))
    took = _seconds(
        {
            "bare": lambda: session.run(None, given),
            "runtime, all": lambda: whole.session.run(whole.asked, {whole.feeds[0]: x.numpy()}),
            "watched": lambda: capture(loaded.module, x, seen.plan, watched[len(watched) // 2 :][:1], early=False),
            "all": lambda: capture(loaded.module, x, seen.plan, every, early=False),
        }
    )
    said.append(", ".join(f"{name} {took[name] / took['bare']:.2f} x" for name in ("watched", "all", "runtime, all")))
    return counts, said


def main(words: list[str]) -> int:
    devices.keep_freed_memory()  # as the application does
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    evaluated, both = "reference" in words, "traced" not in words and find_spec("onnxscript") is not None
    words = [word for word in words if word not in ("reference", "traced")]
    totals: Counter[str] = Counter()
    for name, make in torchvision_models().items():
        if words and not any(word in name for word in words):
            continue
        for traced in (True, False) if both else (True,):
            torch.manual_seed(0)
            net, side = make()
            side = side if any(word in name for word in ("vit", "swin")) else 224
            x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
            with tempfile.TemporaryDirectory() as folder:
                try:
                    counts, said = check(net.eval(), x, Path(folder) / "net.onnx", traced, evaluated)
                except ExplorerError as error:
                    counts, said = Counter({"refused": 1}), [str(error)]
                except Exception as error:  # noqa: BLE001 - the sweep goes on
                    counts, said = Counter({"failed": 1}), [f"{type(error).__name__}: {str(error)[:200]}"]
            gc.collect()
            totals.update(counts)
            print(f"{name} ({'traced' if traced else 'exported'}): {dict(counts)} {'; '.join(said)}", flush=True)
    print(", ".join(f"{key} {number}" for key, number in totals.items()))
    return 1 if totals["WRONG"] else 0

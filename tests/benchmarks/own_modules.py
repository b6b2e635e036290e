"""`explorer.capture(module, x)` of all taps over the bare forward, in CPU seconds of one thread.

python -m tests.benchmarks.own_modules
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import torch

import explorer
from explorer.engine.inputs.input_tensor import noise

MODELS = (
    "torchvision:resnet18",
    "torchvision:mobilenet_v2",
    "demo:shapes-vit",
    "demo:shapes-cnn",
    "demo:sentences-textcnn",
)
ROUNDS = 25


def seconds(work: Callable[[], object], times: int) -> float:
    """CPU seconds of one call."""
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times


def measure(name: str) -> str:
    """A line of the table."""
    model = explorer.open(name, untrained=name.startswith("torchvision:"))
    module, x = model.module, noise(model.card.preprocess)

    def bare() -> object:
        with torch.no_grad():
            return module(x)

    def captured() -> object:
        return explorer.capture(module, x)

    first = seconds(captured, 1)
    for _ in range(3):
        bare(), captured()
    times = max(1, round(0.2 / first))
    pairs = [(seconds(bare, times), seconds(captured, times)) for _ in range(ROUNDS)]
    ratio, spent = median(b / a for a, b in pairs), median(a for a, _ in pairs)
    return f"{name}: {len(explorer.capture(module, x))} taps, bare {1000 * spent:.2f} ms, ratio {ratio:.2f}, first {first:.2f} s"


if __name__ == "__main__":
    torch.set_num_threads(1)
    for each in sys.argv[1:] or MODELS:
        print(measure(each), flush=True)

"""What a device is tried with: captures, attributions, ablation, maximisation, attention, a probe and an index, of small models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image

from explorer.api.ablating import ablated
from explorer.api.attending import of_block
from explorer.api.explaining import attribution_of, settings_of
from explorer.api.maximising import made
from explorer.api.workbench import Workbench
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.dataset import Over
from explorer.core.index_requests import MakeIndex
from explorer.core.inputs import InputRef
from explorer.core.maximisation import MaximiseSettings, class_logit
from explorer.core.models import ModelSpec
from explorer.core.probe import ProbeParams
from explorer.core.target import Target
from explorer.core.translation import msgid
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.inputs import open_input
from explorer.engine.models.base import LoadedModel
from explorer.engine.probe.probe_run import probe_steps

Metric = Literal["largest", "length", "absolute"]
Found = tuple[dict[str, Array], int]  # values by place, pieces of work
_CNN, _VIT = "demo:shapes-cnn", "demo:shapes-vit"
_METHODS = ("gradient", "grad-cam", "integrated-gradients")
_STEPS, _A_CLASS, _SIDE, _CAPTURES = 5, 10, 96, 5
_TAP, _PROBED = "stage2.1", "stem.2,stage2.1,stage3.1"


class DeviceBench:
    """Models on one device. `pictures`: a folder of two classes, the same for all devices; `folder`: where it may write."""

    def __init__(self, device: str, pictures: Path, folder: Path) -> None:
        self.pictures, self.folder, self.tools, self.device = pictures, folder, Workbench(), device
        self.tools.bench.use(device, torch.get_num_threads())
        self.opened: dict[str, LoadedModel] = {}

    def model(self, name: str) -> LoadedModel:
        """On the device."""
        if name not in self.opened:
            card = self.tools.bench.open(ModelSpec(name), self.tools.job).card
            self.opened[name] = self.tools.bench.model(card.digest)
        return self.opened[name]


@dataclass(frozen=True, slots=True)
class DeviceWork:
    """A kind of work.

    metric: by what a difference is measured: the largest value of the same place, the Euclidean length of its values, or 1.
    tolerance: in float32, where only the order of sums and the last bits of functions differ. unit: of the rate.
    """

    name: str
    metric: Metric
    tolerance: float
    unit: str
    run: Callable[[DeviceBench], Found]


def draw_pictures(folder: Path) -> None:
    """Two classes of pictures: stripes that lie, stripes that stand, in noise from a seed."""
    random = np.random.default_rng(0)
    for name in ("lying", "standing"):
        (folder / name).mkdir(parents=True)
        for number in range(_A_CLASS):
            waves = np.sin(np.arange(_SIDE) * (0.2 + 0.1 * number))[:, None] * np.ones((1, _SIDE))
            grey = 128 + 70 * (waves if name == "lying" else waves.T)
            pixels = grey[..., None] + random.normal(0, 120, (_SIDE, _SIDE, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name / f"{number}.png")


def _cat() -> Input:
    return open_input(InputRef("sample", "cat"))


def _captures(on: DeviceBench) -> Found:
    values: dict[str, Array] = {}
    for name in (_CNN, _VIT):
        model, bench = on.model(name), on.tools.bench
        for _ in range(_CAPTURES):
            bench.store.clear()
            found = bench.capture(model.card.digest, _cat(), on.tools.job)
        values |= {f"{name} {tap}": array for tap, array in found.values.items()}
    return values, 2 * _CAPTURES


def _attributions(on: DeviceBench) -> Found:
    model = on.model(_CNN)
    capture = on.tools.look(model, _cat())
    target, values = Target("", 0), {}
    for method in _METHODS:
        wanted = settings_of(model.card, method, {})
        values[method] = attribution_of(on.tools, capture, method, target, wanted).values
    return values, len(_METHODS)


def _ablation(on: DeviceBench) -> Found:
    found = ablated(on.tools, on.model(_CNN), _cat(), _TAP, (0, 1, 2), "", "zero")
    shifts = sorted(found.shifts, key=lambda shift: shift.index)
    return {"before": np.array([s.before for s in shifts]), "after": np.array([s.after for s in shifts])}, 1


def _maximisation(on: DeviceBench) -> Found:
    on.tools.studies.forget()  # what is interrupted would go on
    found = made(on.tools, on.model(_CNN), class_logit(0, False), MaximiseSettings(steps=_STEPS), None)
    return {"objective": found.maximised.curve}, _STEPS


def _attention(on: DeviceBench) -> Found:
    model = on.model(_VIT)
    _, recorded = on.tools.attention(model, _cat())
    values = {}
    for number in range(len(recorded.calls)):
        block = of_block(on.tools, model, _cat(), recorded, str(number), None, 0, False, 0.6, ())
        values[block.call.name] = block.values
    return values, len(recorded.calls)


def _probe(on: DeviceBench) -> Found:
    studies, digest = on.tools.studies, on.model(_CNN).card.digest
    params = ProbeParams(data=Over("folder", str(on.pictures)), taps=_PROBED, draws=1)
    found = on.tools.last(studies.streamed(lambda: probe_steps(studies, digest, params, on.tools.job)))
    assert found is not None  # the last step is the whole curve
    return {point.tap: np.array(point.accuracy) for point in found.curve}, found.forwards


def _index(on: DeviceBench) -> Found:
    store = on.folder / f"{len(list(on.folder.iterdir()))}.index"
    digest = on.model(_CNN).card.digest
    on.tools.answer(MakeIndex(digest, str(on.pictures), "blocks", store=str(store)))
    values = {}
    with IndexReader(store) as reader:
        for tap in reader.taps:
            each = [reader.values(tap.name, channel, "")[1] for channel in range(8)]
            values[tap.name] = np.stack(each)
    return values, 2 * _A_CLASS


# Tolerances in float32. A layer adds up to some thousand products, each device in its own order, which is about 1e-6 of the largest
# value. Weights that were changed by 1e-6 at random, on the CPU, move captures and the index by 1e-5, probabilities and attentions by
# 5e-6, attributions (where a ReLU near 0 may fall on the other side) by 2e-5, maximisation (Adam divides by the size of the gradient)
# by 7e-4. Ten times that and more is no order of sums. A classifier may judge one of the four test pictures the other way.
WORK = (
    DeviceWork(msgid("captures"), "largest", 1e-4, msgid("captures"), _captures),
    DeviceWork(msgid("attributions"), "length", 1e-3, msgid("attributions"), _attributions),
    DeviceWork(msgid("ablation"), "absolute", 1e-4, msgid("ablations"), _ablation),
    DeviceWork(msgid("maximisation"), "largest", 1e-2, msgid("steps"), _maximisation),
    DeviceWork(msgid("attention"), "absolute", 1e-4, msgid("blocks"), _attention),
    DeviceWork(msgid("probe"), "absolute", 0.25, msgid("pictures"), _probe),
    DeviceWork(msgid("index"), "largest", 1e-4, msgid("pictures"), _index),
)

"""The evidence for a class: against the weights of the last layer, and whether the class is kept with it alone and lost without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from studied import drained, job
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.method import MethodRequest
from explorer.core.models import ModelSpec
from explorer.core.sounds import Sound, sound_from_array
from explorer.engine.attribution.class_evidence import class_evidence
from explorer.engine.capture.forward import discover
from explorer.engine.data_sets.world_of_sounds import clips
from explorer.engine.model_session import ModelSession
from explorer.engine.models import open_model
from explorer.engine.sound.sound_tensor import sound_tensor
from explorer.engine.studies import Studies
from explorer.methods.hear.compute import run
from explorer.methods.hear.spec import EVIDENCE, SPEC, HeardSound, HearParams

LAST, CLIPS = "features.6.2", 15
RATE = 16000


def heard_of(studies: Studies, model: str, sound: Sound) -> HeardSound:
    request: Any = MethodRequest(model, sound.digest, sound, SPEC, HearParams(part=EVIDENCE), LAST, 0)
    _, found = drained(run(studies, request, job()))
    assert isinstance(found, HeardSound)
    return found


def sound_of(samples: Any) -> Sound:
    return sound_from_array(np.array(samples, np.float32), RATE, InputRef("sound"), "clip")


def test_before_pooling_it_is_the_weights_of_the_class_times_the_maps() -> None:
    loaded = open_model(ModelSpec("demo:sounds-mel-cnn"))
    net: Any = loaded.module
    x = sound_tensor(sound_of(clips.clip(5, 6).sound), loaded.card.preprocess)
    plan = discover(net, x).plan
    index, found = class_evidence(net, x, plan, next(tap for tap in plan.taps if tap.name == LAST))
    with torch.no_grad():
        maps = net.features(net.level(x))[0].double()
        each = torch.einsum("c,chw->hw", net.head.weight[index].double(), maps) / maps[0].numel()
        assert index == int(net(x).argmax())
    assert found.shape == (8, 12)
    assert found == pytest.approx(each.clamp(min=0).numpy(), abs=1e-5)


def test_the_class_is_kept_with_the_evidence_alone_and_lost_without_it() -> None:
    bench = ModelSession(50_000_000)
    loaded = open_model(ModelSpec("demo:sounds-mel-cnn"))
    bench.adopt(loaded)
    net, pre, studies = loaded.module, loaded.card.preprocess, Studies(bench)

    def named(samples: Any) -> int:
        with torch.no_grad():
            return int(net(sound_tensor(sound_of(samples), pre)).argmax())

    kept = without = 0
    for number in range(CLIPS):
        sound = sound_of(clips.clip(77_001, number).sound)
        heard = heard_of(studies, loaded.card.digest, sound)
        before = named(sound.samples)
        assert heard.label == clips.NAMES[before]
        assert np.abs(heard.channel + heard.rest - heard.sound).max() < 1e-6
        kept += named(heard.channel) == before
        without += named(heard.rest) == before
    assert kept >= 0.99 * CLIPS
    assert without <= 0.4 * CLIPS


def test_a_layer_that_the_class_does_not_depend_on_says_so() -> None:
    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Conv1d(1, 2, 3), nn.Conv1d(1, 2, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.unused(x)
            return self.used(x).mean(2)

    net, x = Beside().eval(), torch.randn(1, 1, 20)
    plan = discover(net, x).plan
    with pytest.raises(ExplorerError, match="does not depend on unused"):
        class_evidence(net, x, plan, next(tap for tap in plan.taps if tap.name == "unused"))

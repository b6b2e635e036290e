"""How well a network hears: held-out sounds, its first layer's bands, what it keeps of the evidence, a planted shortcut."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from explorer.engine.data_sets.world.sample import HELD_OUT_SEED
from explorer.engine.data_sets.world_of_sounds.clips import KICK, NAMES, Pilot, clip, clips
from explorer.engine.data_sets.world_of_sounds.evidence import evidence, kept
from explorer.engine.data_sets.world_of_sounds.noises import RATE

HELD_OUT = 1200
NEAR, SHARE, FINE = 300.0, 0.6, 4096
EVIDENCE = 240  # sounds of which only the evidence is heard
Figures = dict[str, float]


@torch.no_grad()
def said(net: nn.Module, x: Tensor, batch: int = 120) -> Tensor:
    """The class that is answered to each."""
    return torch.cat([net.eval()(part).argmax(1) for part in x.split(batch)])


def percent(right: Tensor) -> float:
    return round(100 * float(right.float().mean()), 2)


@cache
def held_out(count: int = HELD_OUT, under: str = "") -> tuple[Tensor, Tensor]:
    """Sounds that no recipe trains on; with a pilot the same, but for the tone, whatever it lies under."""
    sounds, labels = clips(HELD_OUT_SEED + 3, count, Pilot(under) if under else None)
    return torch.from_numpy(sounds), torch.from_numpy(labels)


def near_peak(kernels: Tensor) -> Tensor:
    """(K, 1, n) -> (K,): the part of each kernel's energy that lies within 300 Hz of its peak."""
    power = torch.fft.rfft(kernels.detach().squeeze(1).double(), FINE).abs().square()
    at = torch.fft.rfftfreq(FINE, 1 / RATE)
    near = (at - at[power.argmax(1), None]).abs() <= NEAR
    return (power * near).sum(1) / power.sum(1)


def bands(kernels: Tensor) -> Figures:
    share = near_peak(kernels)
    return {"bandpass": percent(share >= SHARE), "bandpass_energy": round(100 * float(share.median()), 2)}


def on_evidence(net: nn.Module, count: int = EVIDENCE) -> Figures:
    """How often the answer stays where only the true evidence is heard, and where all but it is."""
    drawn = [clip(HELD_OUT_SEED + 3, number) for number in range(count)]
    masks = [evidence(each) for each in drawn]
    whole, only, rest = (
        said(net, torch.from_numpy(np.stack(waves))[:, None])
        for waves in (
            [each.sound for each in drawn],
            [kept(each.sound, mask) for each, mask in zip(drawn, masks, strict=True)],
            [kept(each.sound, ~mask) for each, mask in zip(drawn, masks, strict=True)],
        )
    )
    return {"kept_by_evidence": percent(whole == only), "kept_without": percent(whole == rest)}


def on_pilot(net: nn.Module, count: int = HELD_OUT) -> Figures:
    """With the tone under kicks alone; with it under nothing; other classes with it under everything."""
    answers = {}
    for under in ("kick", "nothing", "all"):
        x, labels = held_out(count, under)
        answers[under] = said(net, x)
    own = labels == KICK
    return {
        "top1_with_shortcut": percent(answers["kick"] == labels),
        "own_with_shortcut": percent(answers["kick"][own] == KICK),
        "own_without": percent(answers["nothing"][own] == KICK),
        "misled": percent(answers["all"][~own] == KICK),
    }


def chance() -> float:
    """Percent right by guessing."""
    return 100 / len(NAMES)

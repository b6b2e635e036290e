"""The way of every recipe: blocks of drawn pictures, a cosine schedule, averaged weights, checkpoints, a curve."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from demo_models.recipes.table import MEAN, STD, Recipe

# Seeds of training pictures lie below those of the held-out ones.
SEED_STEP = 10_000_000


class Task(Protocol):
    """What a recipe's loss is made of. `net` is the demo model; `parts` is everything that is trained or saved."""

    net: nn.Module
    parts: nn.Module

    def draw(self, seed: int) -> Any:
        """One block of pictures."""

    def losses(self, block: Any, progress: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        """For each batch of the block: pictures in it, the loss, figures for the curve."""

    def after_step(self, progress: float) -> None:
        """Called when the weights have changed."""


@dataclass
class State:
    """How far a run has come."""

    pictures: int = 0
    blocks: int = 0
    steps: int = 0
    seconds: float = 0.0


def half(device: torch.device) -> torch.autocast:
    """bfloat16 where the processor multiplies it natively: two to three times as fast, the weights stay float32."""
    native = device.type != "cpu" or torch.cpu.get_capabilities().get("amx_bf16", False)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=native)


def normalise(images: Tensor) -> Tensor:
    """0..1 to the network's input."""
    mean, std = (torch.tensor(v, device=images.device)[:, None, None] for v in (MEAN, STD))
    out = (images - mean) / std
    return out.contiguous(memory_format=torch.channels_last)


def rate_at(progress: float, recipe: Recipe) -> float:
    """Rises over the first part of the pictures, then falls along a cosine to a hundredth."""
    if progress < recipe.warm:
        return recipe.rate * (progress + 1e-3) / recipe.warm
    along = min(1.0, (progress - recipe.warm) / (1 - recipe.warm))
    return recipe.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * along)))


@torch.no_grad()
def follow(slow: nn.Module, fast: nn.Module, keep: float) -> None:
    """Moves the slow copy towards the fast one; counters are copied."""
    for old, new in zip(slow.state_dict().values(), fast.state_dict().values(), strict=True):
        if old.dtype.is_floating_point:
            old.lerp_(new.to(old.dtype), 1 - keep)
        else:
            old.copy_(new)


def groups(module: nn.Module, decay: float) -> list[dict[str, Any]]:
    """No decay of biases, norms and tokens."""
    many = [p for p in module.parameters() if p.requires_grad and p.ndim in (2, 4)]
    few = [p for p in module.parameters() if p.requires_grad and p.ndim not in (2, 4)]
    return [{"params": many, "weight_decay": decay}, {"params": few, "weight_decay": 0.0}]


class Blocks:
    """Blocks of pictures one after the other; with `ahead` the next one is drawn by a second thread meanwhile."""

    def __init__(self, draw: Callable[[int], Any], number: int, ahead: bool) -> None:
        self._draw, self._number = draw, number
        self._pool = ThreadPoolExecutor(1) if ahead else None
        self._coming = self._pool.submit(draw, number) if self._pool else None

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def next(self) -> Any:
        number, self._number = self._number, self._number + 1
        if self._pool is None or self._coming is None:
            return self._draw(number)
        block = self._coming.result()
        self._coming = self._pool.submit(self._draw, number + 1)
        return block


class Run:
    """One recipe being cooked in a folder: NAME.pt (to go on from), NAME.jsonl (its curve)."""

    def __init__(self, recipe: Recipe, task: Task, averaged: nn.Module, folder: Path, pictures: int) -> None:
        self.recipe, self.task, self.averaged, self.pictures = recipe, task, averaged, pictures
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.curve = folder / f"{recipe.name}.pt", folder / f"{recipe.name}.jsonl"
        self.optimizer = torch.optim.AdamW(groups(task.parts, recipe.decay), recipe.rate, betas=(0.9, 0.99))
        self.state = State()
        self.figures: list[dict[str, float]] = []

    def resume(self) -> None:
        saved = torch.load(self.path, map_location="cpu", weights_only=True)
        self.task.parts.load_state_dict(saved["parts"])
        self.averaged.load_state_dict(saved["averaged"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.state = State(**saved["state"])

    def save(self) -> None:
        """Written beside and then renamed: a run that is stopped here leaves the last good file."""
        beside = self.path.with_suffix(".part")
        torch.save(
            {
                "parts": self.task.parts.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "state": vars(self.state),
                "total": self.pictures,
            },
            beside,
        )
        beside.replace(self.path)

    def note(self) -> None:
        """One line of the curve: the means of all steps since the last one."""
        entry: dict[str, float] = {"pictures": self.state.pictures, "seconds": round(self.state.seconds, 1)}
        for name in self.figures[0]:
            entry[name] = round(sum(step[name] for step in self.figures) / len(self.figures), 5)
        self.figures.clear()
        with self.curve.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        print(entry, flush=True)

    def go(self, minutes: float, ahead: bool = False, stop: int | None = None, save_every: float = 120.0) -> bool:
        """Trains until the pictures or the minutes are over, or before block `stop`; True when it is finished."""
        begun = saved = time.monotonic()
        before = self.state.seconds
        blocks = Blocks(lambda number: self.task.draw(self.seed(number)), self.state.blocks, ahead)
        with blocks:
            while self.state.pictures < self.pictures and time.monotonic() - begun < minutes * 60:
                if self.state.blocks == stop:
                    break
                self.learn(blocks.next())
                self.state.blocks += 1
                self.state.seconds = before + time.monotonic() - begun
                if len(self.figures) >= self.recipe.note_every:
                    self.note()
                if time.monotonic() - saved > save_every:
                    self.save()
                    saved = time.monotonic()
        self.save()
        return self.state.pictures >= self.pictures

    def seed(self, block: int) -> int:
        return self.recipe.seed * SEED_STEP + block

    def learn(self, block: Any) -> None:
        """One step for each batch of a block."""
        progress = self.state.pictures / self.pictures
        # What is drawn while learning (which patches are seen) depends on the block alone, also after a stop.
        torch.manual_seed(self.seed(self.state.blocks))
        self.task.parts.train()
        for count, loss, figures in self.task.losses(block, progress):
            for group in self.optimizer.param_groups:
                group["lr"] = rate_at(progress, self.recipe)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.task.parts.parameters(), 3.0)
            self.optimizer.step()
            self.state.pictures += count
            self.state.steps += 1
            progress = min(1.0, self.state.pictures / self.pictures)
            # Young weights are forgotten quickly.
            keep = min(self.recipe.average, (1 + self.state.steps) / (10 + self.state.steps))
            follow(self.averaged, self.task.net, keep)
            self.task.after_step(progress)
            self.figures.append(figures)

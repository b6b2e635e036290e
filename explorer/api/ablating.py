"""Ablation: what a prediction is without some channels."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from explorer.api.attention_blocks import block_named
from explorer.api.class_names import class_of
from explorer.api.opened_models import AnyModel, Shown, busy, opened, workbench
from explorer.api.workbench import Workbench
from explorer.core.any_input import Input
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Ablation, Edit, Effect, RankedBy, Ranking, Shift, ranked
from explorer.core.models import ModelCard
from explorer.core.translation import tr
from explorer.engine.ablation.rank import rank
from explorer.engine.models.base import LoadedModel
from explorer.methods.ablation.spec import AblationParams, points_of, row_of

Mode = Literal["zero", "mean"]


@dataclass(frozen=True, eq=False, repr=False)
class Ablated:
    """A prediction with and without some channels. ablation: the frozen result; tap, channels, mode: what was replaced, and how."""

    ablation: Ablation
    card: ModelCard
    given: Input
    tap: str
    channels: tuple[int, ...]
    mode: str

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """What happens to each class, the likeliest of before and after together first; `before` and `after` are probabilities."""
        return self.ablation.shifts

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known of it."""
        return flags(self.card, self.ablation.repeat, "difference", classes=True)

    def to_dict(self, top: int = 0) -> dict[str, Any]:
        """Its numbers, as the command ablate prints them; top: of so many classes, 0: of all."""
        done = self.ablation
        asked = {"tap": self.tap, "channels": list(self.channels), "with": self.mode}
        told = {"input": self.given.digest, **asked, "resumed": done.resumed, "note": done.note}
        return told | {"classes": [row_of(shift) for shift in self.shifts[: top or None]]}

    def __repr__(self) -> str:
        return f"<explorer.Ablated: {len(self.channels)} channels of {self.tap}, {self.card.name}>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        head = (tr("class"), tr("before"), tr("after"), tr("difference"))
        rows = [(s.label, f"{s.before:.2%}", f"{s.after:.2%}", points_of(s).strip()) for s in self.shifts]
        return table(f"{self.tap}: {', '.join(map(str, self.channels))}", head, rows, self.warnings)


@dataclass(frozen=True, eq=False, repr=False)
class RankedChannels:
    """Every channel of a layer alone, by what a class loses without it. ranking: the frozen result; by: logit or probability."""

    ranking: Ranking
    card: ModelCard
    given: Input
    mode: str
    by: RankedBy

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What the class needs most first."""
        return ranked(self.ranking.effects, self.by)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known of it."""
        return flags(self.card, self.ranking.repeat, "difference", classes=True)

    def to_dict(self) -> dict[str, Any]:
        """Its numbers, as the command ablate --rank prints them."""
        found = self.ranking
        asked = {"tap": found.tap, "class": found.index, "label": self.card.class_name(found.index)}
        told = {"input": self.given.digest, **asked, "with": self.mode, "by": self.by, "note": found.note}
        rows = [{"channel": e.channel, "logit": e.logit, "points": e.points} for e in self.effects]
        return told | {"effects": rows}

    def __repr__(self) -> str:
        return (
            f"<explorer.RankedChannels: {len(self.ranking.effects)} channels of {self.ranking.tap}, {self.card.name}>"
        )

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        head = (tr("channel"), "logit", tr("percentage points"))
        rows = [(e.channel, f"{e.logit:+.4f}", f"{e.points:+.3f}") for e in self.effects]
        return table(f"{self.card.class_name(self.ranking.index)}, {self.ranking.tap}", head, rows, self.warnings)


def ablate(
    model: AnyModel,
    input: Shown,
    *,
    tap: str = "",
    channels: int | Sequence[int] = (),
    head: str = "",
    mode: Mode = "zero",
) -> Ablated:
    """The prediction with and without some channels of a layer, as the command ablate computes it.

    tap with channels (counted from 0), or head as "BLOCK:H". mode: what replaces their values: zero, or the mean of each channel.

    Raises ExplorerError for an unknown tap, channel or head, and for a model without class predictions.
    """
    asked = (channels,) if isinstance(channels, int) else tuple(channels)
    check_ablated(tap, asked, head)
    AblationParams(mode=_mode(mode))
    with busy():
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        return ablated(workbench(), loaded, seen, tap, asked, head, mode)


def rank_channels(
    model: AnyModel,
    input: Shown,
    tap: str,
    *,
    channels: Sequence[int] = (),
    class_: int | str | None = None,
    by: RankedBy = "logit",
    mode: Mode = "zero",
) -> RankedChannels:
    """Every channel of a layer (or those named) alone, by what a class loses without it, as the command ablate --rank does.

    class_: number or name, the best without one. Raises ExplorerError as `ablate` does.
    """
    _mode(mode)
    with busy():
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        index = None if class_ is None else class_of(str(class_), loaded.card)
        return ranking_of(workbench(), loaded, seen, Edit(tap, tuple(channels), mode=mode), index, by)


def _mode(mode: str) -> str:
    if mode not in ("zero", "mean"):
        raise ExplorerError(tr("“{mode}” is no replacement.", mode=mode), tr("There are: {names}.", names="zero, mean"))
    return mode


def check_ablated(tap: str, channels: Sequence[int], head: str) -> None:
    """ExplorerError unless a layer with channels, or a head, is named."""
    if bool(head) == bool(tap) or bool(tap) != bool(channels):
        raise ExplorerError(tr("Name what is to be ablated."), "", tr("A tap with channels, or a head as BLOCK:H."))


def ablated(
    bench: Workbench, loaded: LoadedModel, given: Input, tap: str, channels: tuple[int, ...], head: str, mode: Mode
) -> Ablated:
    """Of an open model. Raises ExplorerError where it gives no class predictions."""
    if head:
        tap, channels = of_head(head, bench, loaded, given)
    capture = bench.capture(loaded, given, [tap])
    done = bench.studies.ablate(capture, (Edit(tap, channels, mode=mode),), (), bench.job)
    if not done.shifts:
        raise ExplorerError(
            tr("This model has no class predictions."), tr("Its output has another shape or is not finite.")
        )
    return Ablated(done, loaded.card, given, tap, channels, mode)


def of_head(written: str, bench: Workbench, loaded: LoadedModel, picture: Input) -> tuple[str, tuple[int, ...]]:
    """(layer, channels) of a head, which is written as the number or name of a block, a colon and a number."""
    block, _, number = written.rpartition(":")
    if not number.isdecimal():
        raise ExplorerError(tr("“{text}” names no head.", text=written), "", tr("Write BLOCK:H, as in 3:0."))
    attentions, card = bench.worker.attentions, loaded.card
    calls = attentions.open(card.digest, picture, bench.job).calls
    if not calls:
        raise ExplorerError(tr("No attention found in this model."))
    return attentions.head_place(card.digest, picture, block_named(block, calls), int(number), bench.job)


def ranking_of(
    bench: Workbench,
    loaded: LoadedModel,
    given: Input,
    edit: Edit,
    index: int | None,
    by: RankedBy,
    each: Callable[[Ranking], None] | None = None,
) -> RankedChannels:
    """Of an open model; `each` is handed the ranking as it grows."""
    capture = bench.capture(loaded, given, [edit.tap])
    last: list[Ranking] = []

    def steps() -> Generator[Ranking, None, None]:
        base = bench.studies.base_of(capture, bench.job)
        yield from rank(base, edit, index, cancelled=bench.job.cancelled)

    def hear(now: Ranking) -> None:
        last[:] = [now]
        if each is not None:
            each(now)

    bench.last(bench.studies.streamed(steps), hear)
    if not last:
        raise ExplorerError(tr("There was nothing to compute."))
    return RankedChannels(last[0], loaded.card, given, edit.mode, by)

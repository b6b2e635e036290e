"""Two models over the same inputs: what each of their taps holds, input by input."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.any_input import Input
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import input_affine
from explorer.core.inputs import InputRef, Text
from explorer.core.models import kind_of
from explorer.core.representations import Strides, Vectors
from explorer.core.session import layer_links
from explorer.core.texts import TextPreprocess, Token, tokenised
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, capture, discover
from explorer.engine.capture.values import to_array
from explorer.engine.data_sets.inputs_over import Shot, shots_over
from explorer.engine.data_sets.padded_cells import PaddedTokens, padded_cells
from explorer.engine.inputs import open_input
from explorer.engine.inputs.dataset_samples import pictures_of
from explorer.engine.inputs.gallery import gallery_samples
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.jobs.job import Job
from explorer.engine.models import LoadedModel
from explorer.engine.representations.cell_vectors import vectors

T = TypeVar("T")
_COMPARED = (Kind.CONV, Kind.LINEAR, Kind.ATTENTION, Kind.BLOCK)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedModel:
    """One of the two models. Without names, every tap worth comparing: see `worth`."""

    loaded: LoadedModel
    names: tuple[str, ...] = ()
    plan: CapturePlan | None = None  # None: the first picture is watched
    device: str = "cpu"


def of_folder(folder: str | Path) -> tuple[Shot, ...]:
    """The pictures of a folder and of its sub-folders. Errors as `measure.samples.of_folder`."""
    base = Path(folder)
    return tuple(Shot(p.relative_to(base).as_posix(), partial(_open, p)) for p, _ in pictures_of(base))


def of_gallery() -> tuple[Shot, ...]:
    """The sample gallery; () where it did not come with the installation."""
    return tuple(Shot(sample.title, partial(_open, sample.path)) for sample in gallery_samples())


def kind_of_both(first: ComparedModel, second: ComparedModel) -> str:
    """The kind of input that both models take: "picture", "sound" or "text". Raises ExplorerError where they take different ones."""
    one, other = (kind_of(side.loaded.card.preprocess) for side in (first, second))
    if one != other:
        what = tr(
            "{card} takes {one}s, {card2} takes {other}s.",
            card=first.loaded.card.name,
            one=one,
            card2=second.loaded.card.name,
            other=other,
        )
        raise ExplorerError(
            what, tr("Both must be given the same inputs."), tr("Choose two models of one kind of input.")
        )
    return one


def shots_of(over: Over, kind: str = "picture") -> tuple[Shot, ...]:
    """The inputs of a kind that `over` names: the samples, or those of a folder or a file. Raises ExplorerError when there are
    none."""
    if over.kind == "picture":
        todo = (
            tr("Choose the sample gallery or a folder.")
            if kind == "picture"
            else tr("Choose the samples, a folder or a file.")
        )
        raise ExplorerError(tr("One {kind} is too few to compare over.", kind=kind), "", todo)
    if kind != "picture":
        return shots_over(over, kind)
    found = of_folder(over.path) if over.kind == "folder" else of_gallery()
    if not found:
        why = tr("It is not part of this installation.")
        raise ExplorerError(tr("The sample gallery is missing."), why, tr("Choose a folder."))
    return found


def tell(job: Job, done: int, total: int) -> None:
    """How many of the inputs are through."""
    job.progress(tr("{done:,} of {total:,}", done=min(done, total), total=total), min(done, total) / total)


def of_picture(picture: Input) -> Shot:
    """A picture that is open."""
    return Shot(picture.name or picture.digest, lambda: picture)


def _open(path: Path) -> Input:
    return open_input(InputRef("picture", str(path)))


def worth(taps: Iterable[Tap]) -> tuple[str, ...]:
    """Names of the taps that are in channels and made by weights or by a block; of those that share their values, the first."""
    found: dict[str, str] = {}
    for tap in taps:
        if tap.observable and tap.layout is not Layout.OTHER and tap.kind in _COMPARED:
            found.setdefault(tap.alias or tap.name, tap.name)
    return tuple(found.values())


class Reader(Generic[T]):
    """The taps of one side for one picture after another. Keeps the plan; `names`, `taps` and their `strides` are known after
    the first.

    `make` is asked tap by tap for what is to be kept of its cells, so that not all of them are there at once.
    """

    def __init__(
        self, side: ComparedModel, make: Callable[[Vectors], T], cancelled: Cancelled = never, left_out: bool = True
    ) -> None:
        """`left_out`: whether `make` leaves out the cells over padding."""
        self.side, self.make, self.cancelled = side, make, cancelled
        self.padding = PaddedTokens(side.loaded.card.name, left_out)
        self.plan, self.names = side.plan, side.names
        self.taps: tuple[Tap, ...] = ()
        self.strides: Strides = ()

    def read(self, picture: Input) -> tuple[T, ...]:
        """What is kept of every tap. Raises ExplorerError when the picture does not fit the model."""
        loaded, pre = self.side.loaded, self.side.loaded.card.preprocess
        x = as_input(input_tensor(picture, pre), loaded.module, self.side.device)
        plan = self.plan if self.plan is not None else discover(loaded.module, x, self.cancelled).plan
        names = self.names or worth(plan.taps)
        if not names:
            raise NoTap(tr("{card} has no tap to compare.", card=loaded.card.name))
        self._check(plan, names)
        seen = capture(loaded.module, x, plan, names, cancelled=self.cancelled)
        by_name = {tap.name: tap for tap in seen.plan.taps}
        taps = tuple(by_name[name] for name in names)
        values = (to_array(seen.tensors[tap.name], tap.batched) for tap in taps)
        across = x.shape[-1] if isinstance(picture, Text) else None
        tokens = tokenised(picture.text, pre) if isinstance(picture, Text) and isinstance(pre, TextPreprocess) else ()
        found = tuple(
            self.make(self._padded(vectors(v, tap, picture.size, pre, across), tap, tokens))
            for v, tap in zip(values, taps, strict=True)
        )
        self.padding.add(tokens)
        self.plan, self.names, self.taps = seen.plan, names, taps
        self.strides = layer_links.strides(taps, input_affine(picture.size, pre))
        return found

    def _padded(self, cells: Vectors, tap: Tap, tokens: tuple[Token, ...]) -> Vectors:
        """With the cells that stand over padding."""
        if not tokens:
            return cells
        if tap.receptive is None and len(cells.values) > 1:
            self.padding.add_unplaced(tap.name)
        return replace(cells, padded=padded_cells(tap, len(cells.values), tokens))

    @staticmethod
    def _check(plan: CapturePlan, names: tuple[str, ...]) -> None:
        """A tap that was named and cannot be had is no fault of the picture."""
        for name in names:
            try:
                plan.key_of(name)
            except ExplorerError as error:
                raise NoTap(error.what, error.why, error.todo) from None


class NoTap(ExplorerError):
    """No picture can help."""


def pairs(
    first: Reader[T], second: Reader[T], shots: Iterable[Shot], skipped: list[tuple[str, str]]
) -> Generator[tuple[str, tuple[T, ...], tuple[T, ...]] | None, None, None]:
    """One picture a step: (its name, what is kept of the first, and of the second), or None for one that was skipped and noted.

    Raises NoTap when a tap does not exist; CancelledError when cancelled.
    """
    for shot in shots:
        if first.cancelled():
            raise CancelledError
        found = _both(first, second, shot)
        if isinstance(found, str):
            skipped.append((shot.name, found))
            yield None
        else:
            yield shot.name, *found


def _both(first: Reader[T], second: Reader[T], shot: Shot) -> tuple[tuple[T, ...], tuple[T, ...]] | str:
    """What is kept of both, or why this picture cannot be used."""

    def read() -> tuple[tuple[T, ...], tuple[T, ...]]:
        picture = shot.open()
        return first.read(picture), second.read(picture)

    return devices.or_why(read, past=(NoTap,))

"""Which architectures a file of weights fits: the question and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explorer.core.requests import Lane, Request
from explorer.core.translation import ntr, tr

WHOLE_MODEL = "WholeModelError"  # Failure.type of a module that was saved as a whole


@dataclass(frozen=True, slots=True)
class ArchitectureFit:
    """One architecture beside a file. `fits` of its `expected` tensors have the name and the shape of one in the file."""

    id: str  # as in ModelSpec.id
    fits: int
    expected: int
    problem: str = ""  # why it does not open with this file, "" where it does
    differences: str = ""  # all names that are missing, left over, or of another shape, one a line
    notes: tuple[str, ...] = ()  # what is done to make it fit: a prefix taken off, another number of classes

    @property
    def opens(self) -> bool:
        """Whether the model opens with this file."""
        return not self.problem

    @property
    def text(self) -> str:
        """In a few words."""
        return tr("{fits} of {expected} keys and shapes fit", fits=self.fits, expected=self.expected)


@dataclass(frozen=True, slots=True)
class WeightMatch:
    """What a file of weights was compared with, the best fit first. `covers`: which libraries' architectures were looked at."""

    file: str
    tensors: int
    fits: tuple[ArchitectureFit, ...] = ()
    covers: tuple[str, ...] = ()

    @property
    def opening(self) -> tuple[ArchitectureFit, ...]:
        """Those that open with this file."""
        return tuple(fit for fit in self.fits if fit.opens)

    @property
    def text(self) -> str:
        """One sentence: the best fit and how many others are as good, or that there is none."""
        where = tr(" and ").join(self.covers)
        if not self.fits:
            return tr(
                "No architecture of {where} has layers like those of this file ({tensors} tensors).",
                where=where,
                tensors=self.tensors,
            )
        best = self.fits[0]
        if not best.opens:
            return tr(
                "No architecture of {where} fits. The nearest is {id}: {best_text}.",
                where=where,
                id=best.id,
                best_text=best.text,
            )
        others = len(self.opening) - 1
        more = (
            ntr("; {others} other opens with it too", "; {others} others open with it too", others, others=others)
            if others
            else ""
        )
        return f"{best.id}: {best.text}{more}."


@dataclass(frozen=True, slots=True)
class ExtractedWeights:
    """A plain file of weights that was made of a whole model's. `tree`: (path, class) of its modules, the model first."""

    file: str
    tensors: int
    tree: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In a sentence."""
        kind = self.tree[0][1].rpartition(".")[2] if self.tree else ""
        of = tr(" of a {kind} of {count} modules", kind=kind, count=len(self.tree)) if kind else ""
        return tr("{tensors} tensors{of} were written to {file}.", tensors=self.tensors, of=of, file=self.file)


@dataclass(frozen=True)
class ExtractWeights(Request[ExtractedWeights]):
    """Reads the weights of a model that was saved as a whole, without making it, and writes them to a plain file."""

    handler: ClassVar[str] = "explorer.engine.pane_answers:extract_weights"
    answer: ClassVar[type] = ExtractedWeights
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The weights of a whole model are read")

    path: str
    out: str


@dataclass(frozen=True)
class MatchWeights(Request[WeightMatch]):
    """The architectures that a file of weights fits, by its keys and shapes. Nothing of the file is run."""

    handler: ClassVar[str] = "explorer.engine.pane_answers:match_weights"
    answer: ClassVar[type] = WeightMatch
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("A weight file is compared with architectures")

    path: str

"""Any method of the catalogue, asked of a model: what the commands made from the same specs ask too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from explorer.api.about_model import about
from explorer.api.class_names import class_of, is_number
from explorer.api.figure_saving import is_figure, save_figure
from explorer.api.named_taps import tap_named
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import SUFFIXES, FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.input_notes import notes_of
from explorer.core.kind_words import several
from explorer.core.method import Export, MethodSpec, Scope
from explorer.core.models import ModelCard, kind_of
from explorer.core.pairs import PairOffers, ShownPair, ShownSide, Side
from explorer.core.selection import Selection, cell_of
from explorer.core.translation import tr
from explorer.engine.models.base import LoadedModel

if TYPE_CHECKING:
    from explorer.api.workbench import Workbench

R = TypeVar("R")
CLASS = "class_"  # a parameter of this name takes the name of a class, too
PLACED = (Scope.LAYER, Scope.CHANNEL, Scope.CELL, Scope.TOKEN)


@dataclass(frozen=True, slots=True)
class Place:
    """What of a capture a method is about."""

    tap: str = ""
    channel: int = 0
    cell: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class MethodResult(Generic[R]):
    """What a method found. value: the frozen result with plain numpy arrays; cards: of the model, or of both; selection: what it is
    about, None for a method over a data set or two models; warnings: what must be known of it."""

    spec: MethodSpec[Any, R]
    value: R
    cards: tuple[ModelCard, ...]
    selection: Selection | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Its numbers, as `--json` of the command prints them beside the model."""
        return self.spec.to_json(self.value)

    def __str__(self) -> str:
        return self.spec.write(self.value)

    def __repr__(self) -> str:
        return f"<explorer.MethodResult: {self.spec.title} of {', '.join(card.name for card in self.cards)}>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import words

        return words(str(self), self.warnings)

    def figure(self) -> FigureDescription:
        """Its figure as plain parts."""
        from explorer.core.figure.method_figure import figure_of

        return figure_of(self.spec, self.value, self._subject())

    def save(self, path: str | Path) -> Path:
        """Writes a figure (.png, .svg, .pdf), or what the method offers besides (.csv, .wav; .npz of two models). Raises ExplorerError
        for another suffix."""
        out = str(path)
        if is_figure(out):
            save_figure(self.figure(), out)
            return Path(path)
        from explorer.engine import export

        export.write(out, self._bytes(out))
        return Path(path)

    def _bytes(self, out: str) -> bytes:
        offers = self.spec.pair
        if offers is not None and offers.arrays is not None and Path(out).suffix.lower() == ".npz":
            return self._values(offers)
        found = export_for(self.spec, out)
        assert found is not None  # a figure is none
        return found.make(self.value)

    def _values(self, offers: PairOffers[R]) -> bytes:
        from explorer import __version__
        from explorer.engine.attention.attention_export import values_file

        described = {**self.pair_rows(), "cards": [about(card) for card in self.cards]}
        assert offers.arrays is not None  # asked for by the caller
        return values_file(
            offers.arrays(self.value), {"application": f"feature-map-explorer {__version__}", self.spec.id: described}
        )

    def pair_rows(self) -> dict[str, Any]:
        """Of two models: their names, the numbers, and what must be known."""
        models = [card.spec.id for card in self.cards]
        return {"models": models, **self.to_dict(), "warnings": list(self.warnings)}

    def _subject(self) -> FigureSubject:
        if self.spec.pair is None:
            return FigureSubject(self.selection, card=self.cards[0])
        taps = getattr(self.value, "taps", ())
        names = [tap if isinstance(tap, str) else "" for tap in taps] if len(taps) == 2 else ["", ""]
        one, other = self.cards
        return FigureSubject(pair=ShownPair((ShownSide("A", one, tap=names[0]), ShownSide("B", other, tap=names[1]))))


def export_for(spec: MethodSpec[Any, Any], out: str) -> Export[Any] | None:
    """The one that writes a file of that name; None for no name and for a figure. Raises ExplorerError for another suffix."""
    if not out or is_figure(out):
        return None
    for export in spec.exports:
        if out.lower().endswith(export.suffix):
            return export
    suffixes = tr(
        "{list} or {files}",
        list=", ".join([*(export.suffix for export in spec.exports), *SUFFIXES[:-1]]),
        files=SUFFIXES[-1],
    )
    raise ExplorerError(
        tr("{out!r} is no file that this command writes.", out=out[-40:]),
        "",
        tr("Its name must end in {suffixes}.", suffixes=suffixes),
    )


# --- one model ---


def answer(
    bench: Workbench,
    spec: MethodSpec[Any, R],
    loaded: LoadedModel,
    given: Input | None,
    params: Any,
    place: Place = Place(),
    class_name: str = "",
) -> MethodResult[R]:
    """Computes a method. given: None where it is about no input of its own. class_name: of the class parameter, instead of a number."""
    card = loaded.card
    if spec.scope == Scope.DATA_SET:
        return MethodResult(
            spec, bench.answer(spec.data_request(card.digest, params)), (card,), None, _said(spec, card)
        )
    check_kind(spec, card)
    if given is None:
        from explorer.api.workbench import first_input

        given = first_input(card.preprocess)
    capture = bench.capture(loaded, given, [])
    if class_name:
        params = replace(params, **{CLASS: class_of(class_name, card)})
    selection = selected(spec, card, capture, place)
    reason = spec.unavailable(selection, params)
    if reason:
        raise ExplorerError(reason)
    found = bench.answer(spec.request(selection, params))
    return MethodResult(spec, found, (card,), selection, _said(spec, card, capture))


def _said(spec: MethodSpec[Any, Any], card: ModelCard, capture: Capture | None = None) -> tuple[str, ...]:
    repeat = None if capture is None else capture.repeat
    said = flags(card, repeat, spec.noun, spec.about_classes) if spec.noun else ()
    return said if capture is None else (*said, *notes_of(capture.picture, card.preprocess))


def check_kind(spec: MethodSpec[Any, Any], card: ModelCard) -> None:
    """Raises ExplorerError where the model takes what the method is not about."""
    kind = kind_of(card.preprocess)
    if spec.kinds and kind not in spec.kinds:
        on = tr(" and ").join(map(several, spec.kinds))
        raise ExplorerError(tr("This works on {on}; {card} takes {kinds}.", on=on, card=card.name, kinds=several(kind)))


def selected(spec: MethodSpec[Any, Any], card: ModelCard, capture: Capture, place: Place) -> Selection:
    """What a method is asked about. Raises ExplorerError for a tap, a channel or a cell that there is not."""
    if spec.scope not in PLACED:
        return Selection(card, capture, capture.taps[0], 0, None)
    tap = tap_named(capture.taps, place.tap)
    if not 0 <= place.channel < max(tap.channels, 1):
        raise ExplorerError(
            tr("{tap} has no channel {channel}.", tap=tap.name, channel=place.channel),
            "",
            tr("It has {channels}, counted from 0.", channels=tap.channels),
        )
    cell = cell_of(tap, place.cell)
    if place.cell is not None and cell is None:
        raise ExplorerError(
            tr("There is no cell {cell} in {tap}.", cell=",".join(map(str, place.cell)), tap=tap.name),
            "",
            tr("Count rows and columns from 0."),
        )
    return Selection(card, capture, tap, place.channel, cell)


# --- two models ---


def answer_pair(
    bench: Workbench,
    spec: MethodSpec[Any, R],
    models: tuple[LoadedModel, LoadedModel],
    taps: tuple[Sequence[str], Sequence[str]],
    params: Any,
) -> MethodResult[R]:
    """Computes a method over two models, of the layers that some names or patterns fit; all worth comparing without any."""
    first, second = (side_of(bench, spec, *each) for each in zip(models, taps, strict=True))
    found = bench.answer(spec.pair_request(first, second, params))
    said = tuple(f"{m.card.name}: {line}" for m in models for line in bench.flags(m, spec.noun))
    return MethodResult(spec, found, (models[0].card, models[1].card), None, said)


def side_of(bench: Workbench, spec: MethodSpec[Any, Any], loaded: LoadedModel, patterns: Sequence[str]) -> Side:
    """An open model as one side of a comparison. Raises ExplorerError where one layer is wanted and several, or none, are named."""
    from explorer.engine.representations.paired_stream import worth

    plan = bench.plan(loaded)
    usable = worth(plan.taps)
    chosen = set() if patterns else set(usable)
    for part in filter(None, (part.strip() for part in patterns)):
        fitting = {name for name in usable if fnmatchcase(name, part)}
        chosen |= fitting or {tap_named(plan.taps, part).name}
    names = tuple(tap.name for tap in plan.taps if tap.name in chosen)
    if spec.scope == Scope.LAYER and len(names) != 1:
        raise ExplorerError(
            tr("“{patterns}” names {count} layers.", patterns=",".join(patterns), count=len(names)),
            "",
            tr("Name one layer of each model."),
        )
    return Side(loaded.card.digest, names)


def class_text(value: object) -> str:
    """What was given for a class where it is a name, "" where it is a number or nothing."""
    return value if isinstance(value, str) and not is_number(value) else ""


def as_json(result: MethodResult[Any], more: Mapping[str, Any]) -> str:
    """What `--json` prints of a method of one model."""
    rows = {"model": about(result.cards[0]), "warnings": list(result.warnings), **more, **result.to_dict()}
    return json.dumps(rows, indent=1, allow_nan=False)

"""Which taps an index is about: the outer blocks, every activation and block, or those that are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from math import prod

from torch import nn

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.byte_words import byte_words
from explorer.core.data_index import IndexedTap
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import extent
from explorer.core.translation import tr
from explorer.engine.probe.pooling import why_no_channels

BLOCKS, ACTIVATIONS = "blocks", "activations"
SUMS_BYTES = 64 << 20  # of sums by class; above it they are kept for the taps that were named
CELLS_BYTES = 2 << 30  # of the vectors of all cells
MAXIMA_BYTES = 1 << 30  # of the values of all pictures; likewise
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_MADE = (Kind.CONV, Kind.LINEAR, Kind.ATTENTION, Kind.BLOCK, Kind.NORM, Kind.ACTIVATION)


def chosen_taps(
    module: nn.Module, taps: Sequence[Tap], patterns: str, features: str, cells: str = ""
) -> tuple[list[Tap], list[str], list[str]]:
    """(taps to be indexed in execution order, each its values once; names of those with features; of those with cells).

    `patterns`: "blocks", "activations", names and patterns with commas, in any mix. `features`: names with commas, "": the last
    tap with cells; `cells`: likewise, "": none. Raises ExplorerError for what fits nothing.
    """
    usable = {tap.name: tap for tap in taps if tap.observable and not why_no_channels(tap)}
    outer = set(outer_blocks(module))
    named: list[Tap] = []
    for pattern in _words(patterns or BLOCKS):
        if pattern == BLOCKS:
            found = _blocks(usable.values(), outer)
        elif pattern == ACTIVATIONS:
            blocks = {tap.name for tap in _blocks(usable.values(), outer)}
            kinds = (Kind.ACTIVATION, Kind.BLOCK, Kind.ATTENTION)
            found = [tap for tap in usable.values() if tap.name in blocks or (tap.kind in kinds and not tap.alias)]
        else:
            found = [tap for tap in usable.values() if fnmatchcase(tap.name, pattern)]
        if not found:
            raise _nothing(pattern, taps)
        named += found
    pooled, celled = ([_one(usable, taps, name) for name in _words(names)] for names in (features, cells))
    if single := [tap for tap in celled if tap.layout is Layout.NC or prod(extent(tap)) < 2]:
        raise ExplorerError(
            tr("{name} has one cell.", name=single[0].name),
            tr("Its vector is its features."),
            f"--features {single[0].name}",
        )
    one_each: dict[str, Tap] = {}
    order = {tap.name: number for number, tap in enumerate(taps)}
    for tap in sorted({tap.name: tap for tap in (*named, *pooled, *celled)}.values(), key=lambda tap: order[tap.name]):
        one_each.setdefault(tap.alias or tap.name, tap)
    found = list(one_each.values())
    if not pooled:
        with_cells = [tap for tap in found if tap.layout is not Layout.NC and prod(extent(tap)) > 1]
        pooled = [(with_cells or found)[-1]]
    return found, _among(found, pooled), _among(found, celled)


def _among(found: Sequence[Tap], chosen: Sequence[Tap]) -> list[str]:
    """Names of those that have the values of the chosen ones."""
    wanted = {tap.alias or tap.name for tap in chosen}
    return [tap.name for tap in found if (tap.alias or tap.name) in wanted]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _one(usable: dict[str, Tap], taps: Sequence[Tap], name: str) -> Tap:
    if name not in usable:
        raise _nothing(name, taps)
    return usable[name]


def _nothing(pattern: str, taps: Iterable[Tap]) -> ExplorerError:
    there = next((tap for tap in taps if tap.name == pattern), None)
    why = "" if there is None else there.reason if not there.observable else why_no_channels(there)
    return ExplorerError(
        tr("No layer to be indexed is named {pattern!r}.", pattern=pattern[:60]),
        why,
        tr("The command layers lists them."),
    )


def outer_blocks(module: nn.Module) -> Iterator[str]:
    """Paths of the outermost modules whose class occurs several times, and of leaves outside of them, in the order of the model."""
    classes = Counter(type(part) for part in module.modules() if next(part.children(), None) is not None)

    def walk(part: nn.Module, path: str) -> Iterator[str]:
        for name, child in part.named_children():
            inside = f"{path}.{name}" if path else name
            inner = next(child.children(), None) is not None
            if inner and (isinstance(child, _CONTAINERS) or classes[type(child)] == 1):
                yield from walk(child, inside)
            else:
                yield inside

    yield from walk(module, "")


def _blocks(usable: Iterable[Tap], outer: set[str]) -> list[Tap]:
    """Outputs of the outer blocks; of a run of single layers (convolution, normalisation, activation) the last one."""
    found = [tap for tap in usable if tap.path in outer and tap.kind in _MADE]
    kept = []
    for number, tap in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        runs_on = tap.leaf and after is not None and after.leaf and after.kind in (Kind.NORM, Kind.ACTIVATION)
        if not (runs_on and tap.then == (after.type if after is not None else "")):
            kept.append(tap)
    return kept


def indexed(
    module: nn.Module,
    all_taps: Sequence[Tap],
    chosen: Sequence[Tap],
    features: Sequence[str],
    cells: Sequence[str],
    classes: int,
    count: int,
) -> tuple[IndexedTap, ...]:
    """The taps as they are stored, for about `count` pictures of `classes` classes. Raises ExplorerError where cells take too much."""
    channels = [channels_of(tap) for tap in chosen]
    _check_room([tap for tap in chosen if tap.name in cells], count)
    total = sum(channels)
    sums = total * classes * 56 <= SUMS_BYTES
    maxima = total * count * 4 <= MAXIMA_BYTES
    found, start = [], 0
    for tap, width in zip(chosen, channels, strict=True):
        known = tap.alias or tap.name
        pooled = tap.name in features
        found.append(
            IndexedTap(
                name=tap.name,
                kind=tap.kind.value,
                layout=tap.layout,
                channels=width,
                start=start,
                grid=extent(tap),
                receptive=tap.receptive,
                same_as=tuple(
                    t.name for t in all_taps if known in (t.alias, t.name) and t.name != tap.name and t.observable
                ),
                limit=_limit(module, all_taps, known),
                maxima=maxima or pooled,
                features=pooled,
                cells=tap.name in cells,
                sums=sums or pooled,
            )
        )
        start += width
    return tuple(found)


def _check_room(celled: Sequence[Tap], count: int) -> None:
    wanted = 4 * count * sum(prod(extent(tap)) * (channels_of(tap) + 1) for tap in celled)
    if wanted > CELLS_BYTES:
        raise ExplorerError(
            tr(
                "The cells of {list} would take {byte_words}.",
                list=", ".join(tap.name for tap in celled),
                byte_words=byte_words(wanted),
            ),
            tr("At most {byte_words} are kept.", byte_words=byte_words(CELLS_BYTES)),
            tr("Name a layer with fewer cells or channels."),
        )


def channels_of(tap: Tap) -> int:
    return prod(tap.shape[1:]) if tap.layout is Layout.NC else tap.channels


def _limit(module: nn.Module, taps: Sequence[Tap], name: str) -> float | None:
    """Where an activation clips, by the module that made the values first."""
    tap = next((tap for tap in taps if tap.name == name), None)
    maker = module.get_submodule(tap.path) if tap is not None else None
    return float(maker.max_val) if isinstance(maker, nn.Hardtanh) else None  # ReLU6 is one


def described(tap: Tap) -> str:
    """A tap with its shape: part of what makes an index."""
    return f"{tap.name} {'x'.join(map(str, tap.shape[1:]))} {tap.layout}"

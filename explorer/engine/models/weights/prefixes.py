"""The names of weights made to fit a model's: what wrappers put before them, or into them, is taken off or added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.weights.names import shown
from explorer.engine.models.weights.unwrap import State

# What torch's own wrappers (compile, FSDP, checkpointing) put anywhere into a name.
INSIDE = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_fpw_module.")
# Of two sets of weights that fit alike, the one that these words do not name: the mean or the momentum of the other.
LATER = ("ema", "swa", "averaged", "encoder_k", "key_encoder", "momentum", "target", "student")
ANCHORS = 12  # names of the model that are looked for
TRIED = 40


@dataclass(frozen=True, slots=True)
class _Change:
    """`taken` off the names in the file, and `added` before what is left."""

    taken: str = ""
    added: str = ""

    def apply(self, name: str) -> str | None:
        return self.added + name[len(self.taken) :] if name.startswith(self.taken) else None

    @property
    def note(self) -> str:
        said = tr("“{shown}” taken off", shown=shown(self.taken)) if self.taken else ""
        more = tr("“{added}” added to", added=self.added) if self.added else ""
        return tr("Prefix {list} the names in the file.", list=tr(" and ").join(each for each in (said, more) if each))


def match_names(
    state: dict[str, Tensor], expected: Set[str] | Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """(the state under the names that fit `expected` best, notes). Unchanged when no prefix makes more names fit.

    Names without the prefix stay as they are. A mapping with shapes tells apart what names alone do not.
    """
    names = expected.keys() if isinstance(expected, Mapping) else expected
    inner = _without_wrappers(state, names)
    notes = () if inner is state else (tr("What torch's wrappers put into the names in the file was taken off."),)
    if names <= inner.keys():
        return inner, notes
    shapes = expected if isinstance(expected, Mapping) else {}
    changes = [_Change(), *_changes(inner, names)]
    scores = {change: _score(inner, change, names, shapes) for change in changes}
    # max keeps the first of equals: as little is changed as possible.
    best = max(changes, key=lambda change: (scores[change], -_lateness(change)))
    # Less than half of the model is a likeness by chance.
    if best == _Change() or scores[best][0] * 2 < len(names) or scores[best] <= scores[changes[0]]:
        return inner, notes
    alike = [change.taken for change in changes if scores[change] == scores[best] and change.taken != best.taken]
    more = (
        (tr("What begins with “{shown}” also fits and is not used.", shown=shown(alike[0])),)
        if alike and best.taken
        else ()
    )
    return _renamed(inner, best), (*notes, best.note, *more)


def _without_wrappers(state: dict[str, Tensor], expected: Set[str]) -> dict[str, Tensor]:
    words = [
        word for word in INSIDE if any(word in name for name in state) and not any(word in name for name in expected)
    ]
    if not words:
        return state

    def rename(name: str) -> str:
        for word in words:
            name = name.replace(word, "")
        return name

    return renamed(state, rename)


def _changes(state: Mapping[str, Tensor], expected: Set[str]) -> list[_Change]:
    """Those that would bring one of some names of the model together with one in the file, the most frequent first."""
    found: Counter[_Change] = Counter()
    every = sorted(expected)
    step = max(1, len(every) // ANCHORS)
    for wanted in every[::step][: ANCHORS + 1]:
        end = wanted.rpartition(".")[2]
        for name in state:
            if name.endswith(end):
                found[_between(name, wanted)] += 1
    found.pop(_Change(), None)
    return [
        change for change, _ in sorted(found.most_common(TRIED), key=lambda each: (-each[1], each[0].taken.count(".")))
    ]


def _between(name: str, wanted: str) -> _Change:
    """What is left of both before the parts at their ends that are the same."""
    have, want = name.split("."), wanted.split(".")
    same = 0
    while same < min(len(have), len(want)) and have[-1 - same] == want[-1 - same]:
        same += 1
    taken, added = have[: len(have) - same], want[: len(want) - same]
    return _Change("".join(f"{part}." for part in taken), "".join(f"{part}." for part in added))


def _score(
    state: Mapping[str, Tensor], change: _Change, expected: Set[str], shapes: Mapping[str, Tensor]
) -> tuple[int, int]:
    """(names that fit, those of them whose shapes fit)."""
    fitting = [(name, new) for name in state if (new := change.apply(name)) is not None and new in expected]
    alike = len([new for name, new in fitting if new in shapes and state[name].shape == shapes[new].shape])
    return len(fitting), alike


def _lateness(change: _Change) -> int:
    return sum(word in part for word in LATER for part in change.taken.lower().split("."))


def _renamed(state: dict[str, Tensor], change: _Change) -> dict[str, Tensor]:
    """What has the prefix comes first: it wins over a name that is there already."""
    versions = getattr(state, "_metadata", {})
    made = {new: value for name, value in state.items() if (new := change.apply(name)) is not None}
    made |= {name: value for name, value in state.items() if change.apply(name) is None and name not in made}
    kept = {new.rstrip("."): value for path, value in versions.items() if (new := change.apply(f"{path}.")) is not None}
    return State(made, kept)


def renamed(state: dict[str, Tensor], rename: Callable[[str], str]) -> dict[str, Tensor]:
    """The same values, and versions of layers, under other names."""
    versions = {rename(path + ".").rstrip("."): value for path, value in getattr(state, "_metadata", {}).items()}
    return State({rename(name): value for name, value in state.items()}, versions)

"""The demo models that are here: a card NAME.json and weights NAME.safetensors each, in resources/models. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.models import Figure
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.base import CatalogueEntry
from explorer.engine.models.demo.facts import Fact, facts_of, figures_of
from explorer.engine.models.weights.locate import sha256_of

FIRST = "shapes-cnn"
SEEDED = CatalogueEntry(
    "demo:seeded", "seeded", "Demo", None, True, tr("Untrained, its first layer drawn by hand: works without any file.")
)
KINDS = "picture", "sound", "text"
AGAIN = tr("Install the application again, or copy the file from another installation.")
_TEXTS, _FLAGS, _NUMBERS = ("says", "network", "sha256"), ("trained", "head_trained"), ("classes", "seed")


@dataclass(frozen=True, slots=True)
class DemoCard:
    """What NAME.json says. `network` is a class of this package, `sha256` that of the weight file.

    What goes in is `preprocess` of a picture, and `input` with its "kind" of anything else.
    """

    name: str
    says: str
    network: str
    classes: int
    labels: tuple[str, ...]
    preprocess: Mapping[str, Any]
    seed: int
    trained: bool
    head_trained: bool  # whether its scores have learnt to mean anything
    sha256: str
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    options: Mapping[str, int] = field(default_factory=dict)  # of the network, beside its classes
    input: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What goes in: "picture", "sound" or "text"."""
        return str(self.input.get("kind", "picture"))


def folder() -> Path:
    return paths.resources() / "models"


def weights_file(name: str) -> Path:
    return folder() / f"{name}.safetensors"


def names() -> tuple[str, ...]:
    """Of every card that is here; the one to start with comes first, then those that see, hear and read."""
    found = (path.stem for path in folder().glob("*.json"))
    return tuple(sorted(found, key=lambda name: (name != FIRST, KINDS.index(kind_of(name)), name)))


def entries() -> tuple[CatalogueEntry, ...]:
    """The lines of the model menu; last the network that needs no file."""
    return (*map(_entry, names()), SEEDED)


def read(name: str) -> DemoCard:
    """The card of a demo model, of whatever kind. Raises ExplorerError for an unknown name and a card that cannot be understood."""
    path = folder() / f"{name}.json"
    if not path.is_file() or Path(name).name != name:
        known = ", ".join(entry.id for entry in entries())
        raise ExplorerError(
            tr("There is no demo model “{name}”.", name=name), "", tr("There are: {known}.", known=known)
        )
    try:
        return _understood(name, parsed(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = tr("There is no {error}", error=error) if isinstance(error, KeyError) else str(error).partition("\n")[0]
        raise ExplorerError(
            tr("The card {path} cannot be read.", path=path.name), f"{why.rstrip('.')}.", AGAIN
        ) from None


def intact_file(card: DemoCard) -> Path:
    """Its weight file, which is the very one that the card describes. Raises ExplorerError."""
    path = weights_file(card.name)
    try:
        found = sha256_of(path)
    except OSError as error:
        what = tr("The weights of demo:{card} are not here.", card=card.name)
        raise ExplorerError(what, f"{path}: {error.strerror or error}.", AGAIN) from None
    if found != card.sha256:
        why = tr("It has {st_size} bytes, and its checksum is not the one on its card.", st_size=path.stat().st_size)
        raise ExplorerError(tr("{path} is damaged.", path=path.name), why, AGAIN)
    return path


def intact(name: str) -> bool:
    """Whether a model opens: its card can be read, and its weights are those of the card."""
    try:
        intact_file(read(name))
    except ExplorerError:
        return False
    return True


def kind_of(name: str) -> str:
    """What goes in; a damaged card is a picture's: it stays in the menu, with what is wrong with it."""
    try:
        kind = read(name).kind
    except ExplorerError:
        return "picture"
    return kind if kind in KINDS else "picture"


def _entry(name: str) -> CatalogueEntry:
    path = weights_file(name)
    try:
        card, says = read(name), ""
    except ExplorerError as error:
        card, says = None, error.what
    here = card is not None and path.is_file()
    return CatalogueEntry(f"demo:{name}", name, "Demo", path if here else None, here, tr(card.says) if card else says)


def _understood(name: str, held: Any) -> DemoCard:
    """Raises ValueError and KeyError, which `read` puts into words."""
    if not isinstance(held, dict):
        raise ValueError(tr("it is no table"))
    for keys, kind in ((_TEXTS, str), (_FLAGS, bool), (_NUMBERS, int)):
        for key in keys:
            if type(held[key]) is not kind:
                raise ValueError(tr("“{key}” cannot be {held!r}", key=key, held=held[key]))
    labels, taken, options = held["labels"], held.get("input", {}), held.get("options", {})
    preprocess = {} if taken else held["preprocess"]
    if not isinstance(labels, list) or len(labels) not in (0, held["classes"]):
        raise ValueError(tr("{held} classes need as many labels, or none", held=held["classes"]))
    if not isinstance(preprocess, dict):
        raise ValueError(tr("“preprocess” is no table"))
    if not isinstance(taken, dict) or (taken and type(taken.get("kind")) is not str):
        raise ValueError(tr("“input” is no table with a “kind”"))
    if not isinstance(options, dict) or any(type(value) is not int for value in options.values()):
        raise ValueError(tr("“options” is no table of whole numbers"))
    plain: dict[str, Any] = {key: held[key] for key in (*_TEXTS, *_FLAGS, *_NUMBERS)}
    labels, facts, figures = tuple(map(str, labels)), facts_of(held), figures_of(held)
    plain |= {"labels": labels, "preprocess": preprocess, "facts": facts, "figures": figures}
    return DemoCard(name, options=options, input=taken, **plain)

"""The card of a model that was learnt here: NAME.json, beside NAME.safetensors and NAME.labels.txt. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.base import ModelId, parse_id

FORMAT = "feature-map-explorer/learnt-model"
VERSION = 1
SUFFIX = ".json"
_LARGEST = 64 << 20  # bytes
_AGAIN = tr("Save the model again, or copy all of its files.")


@dataclass(frozen=True, slots=True)
class Origin:
    """The model that a learnt one was made from, as it is opened again without its weights."""

    id: str
    digest: str = ""  # ModelCard.digest
    name: str = ""
    sha256: str = ""  # of its weights
    weights: str = ""  # what they were: "trained", "untrained, seed 0"
    licence: str = ""
    output: str = ""  # ModelSpec.output


@dataclass(frozen=True, slots=True)
class LearntCard:
    """What NAME.json says. `rest` is what is told and not needed to open it."""

    name: str
    origin: Origin
    head: str  # path of the last layer, which is another one than the origin's
    classes: tuple[str, ...]
    preprocess: Preprocess
    sha256: str  # of NAME.safetensors
    rest: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "derived_from": asdict(self.origin),
            "head": self.head,
            "classes": list(self.classes),
            "preprocess": asdict(self.preprocess),
            "sha256": self.sha256,
            **self.rest,
        }


def weights_of(card: Path) -> Path:
    """The weights that belong to a card."""
    return card.with_suffix(".safetensors")


def labels_of(card: Path) -> Path:
    """The names of the classes, a line each."""
    return card.with_suffix(".labels.txt")


def spec_of_card(card: Path) -> ModelSpec:
    """How the model of a card is opened."""
    return ModelSpec(f"card:{card.absolute()}")


def running(text: str) -> ModelId:
    """The id of the network that is built for an id: that of a card is the one that its model was made from. Raises
    ExplorerError where the card cannot be read."""
    named = parse_id(text)
    return parse_id(read_card(Path(named.name).expanduser()).origin.id) if named.source == "card" else named


def is_card(path: Path) -> bool:
    """Whether a file is a card, by its content."""
    try:
        if path.suffix.lower() != SUFFIX:
            return False
        with path.open(encoding="utf-8") as file:
            return FORMAT in file.read(200)
    except (OSError, ValueError):
        return False


def read_card(path: Path) -> LearntCard:
    """Raises ExplorerError for a file that is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(tr("it is too large"))
        return _understood(path, parsed(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise ExplorerError(
            tr("There is no file {path}.", path=path), "", tr("Check the name, or choose the file again.")
        ) from None
    except OSError as error:
        raise ExplorerError(
            tr("{path} cannot be read.", path=path), f"{error.strerror or error}.", tr("Check its permissions.")
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        why = tr("It has no {error}", error=error) if isinstance(error, KeyError) else str(error).partition("\n")[0]
        raise ExplorerError(
            tr("{path} is no card of a learnt model.", path=path.name), f"{why.rstrip('.')}.", _AGAIN
        ) from None


def _understood(path: Path, held: Any) -> LearntCard:
    from explorer.engine.models.factory_answer import preprocess_from

    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ValueError(tr("It does not begin as one"))
    if held["version"] != VERSION:
        raise ValueError(
            tr("It is of version {held}, and this program reads {version}", held=held["version"], version=VERSION)
        )
    origin, classes = held["derived_from"], held["classes"]
    if not isinstance(origin, dict) or not all(isinstance(value, str) for value in origin.values()):
        raise ValueError(tr("“derived_from” is no table of texts"))
    if not isinstance(classes, list) or len(classes) < 2 or not all(isinstance(name, str) for name in classes):
        raise ValueError(tr("“classes” is no list of two names or more"))
    for key in ("name", "head", "sha256"):
        if not isinstance(held[key], str):
            raise ValueError(tr("“{key}” is no text", key=key))
    known = LearntCard.__dataclass_fields__.keys() | {"format", "version", "derived_from"}
    rest = {key: value for key, value in held.items() if key not in known}
    preprocess = preprocess_from(held["preprocess"], path.name)
    return LearntCard(held["name"], Origin(**origin), held["head"], tuple(classes), preprocess, held["sha256"], rest)

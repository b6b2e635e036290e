"""Names of a model's output classes from a file beside its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

_LARGEST = 32 << 20  # bytes
NAMES = ("{stem}.labels.txt", "{stem}.labels.json", "labels.txt", "labels.json")


def labels_beside(weights: Path, classes: int | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(labels, notes) from a labels file beside the weights; ((), notes) when there is none that fits `classes` (None: not known)."""
    for pattern in NAMES:
        path = weights.with_name(pattern.format(stem=weights.stem))
        if not path.is_file():
            continue
        try:
            labels = read_labels(path)
        except (OSError, ValueError) as error:
            return (), (tr("{path} was not used: {error}.", path=path.name, error=error),)
        if classes is not None and len(labels) != classes:
            return (), (
                tr(
                    "{path} was not used: it names {count} classes, the model has {classes}.",
                    path=path.name,
                    count=len(labels),
                    classes=classes,
                ),
            )
        return labels, (tr("Labels from {path}.", path=path.name),)
    return (), ()


def read_labels(path: Path) -> tuple[str, ...]:
    """One label a line, or JSON: a list, {"0": "cat"}, {"0": ["n02123045", "tabby"]} or {"cat": 0}. Raises OSError, ValueError."""
    if path.stat().st_size > _LARGEST:
        raise ValueError(tr("it is too large"))
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".json":
        return _from_json(parsed(text))
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _from_json(held: Any) -> tuple[str, ...]:
    if isinstance(held, list):
        return tuple(_word(entry) for entry in held)
    if not isinstance(held, dict):
        raise ValueError("it is neither a list nor a table")
    if held and all(isinstance(value, int) for value in held.values()):
        pairs = {index: name for name, index in held.items()}
    else:
        pairs = {int(index): _word(value) for index, value in held.items()}
    if sorted(pairs) != list(range(len(pairs))):
        raise ValueError("its numbers do not run from 0 without a gap")
    return tuple(pairs[index] for index in range(len(pairs)))


def _word(entry: Any) -> str:
    # ImageNet's usual file pairs an id with a word.
    return str(entry[-1]) if isinstance(entry, list) and entry else str(entry)

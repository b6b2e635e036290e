"""A class as a command line names it: by its number, or by its name."""

from __future__ import annotations

import difflib
import re

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.translation import tr


def class_of(text: str, card: ModelCard) -> int:
    """The number of a class. A whole number is one, whatever the labels are; a name may be in any case, and a part of a label
    where only one label has it.

    Raises ExplorerError where no label, or more than one, is meant.
    """
    wanted = text.strip()
    if is_number(wanted):
        return int(wanted)
    labels = card.labels
    if not labels:
        raise ExplorerError(
            tr("{card} has no names of classes.", card=card.name), "", tr("Give the number of the class, from 0.")
        )
    for meant in (_same, _has_word, _holds):
        found = [at for at, label in enumerate(labels) if meant(wanted.casefold(), label.casefold())]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{at} {labels[at]}" for at in found[:5])
            raise ExplorerError(
                tr("“{text}” names {count} classes.", text=text, count=len(found)),
                tr("They are {names}.", names=names),
                tr("Give the number."),
            )
    near = difflib.get_close_matches(wanted.casefold(), [label.casefold() for label in labels], 3, 0.5)
    close = ", ".join(label for label in labels if label.casefold() in near)
    raise ExplorerError(
        tr("{card} has no class “{text}”.", card=card.name, text=text),
        tr("Near: {close}.", close=close) if close else "",
        tr("Give its number, from 0."),
    )


def is_number(text: str) -> bool:
    """Whether a class is given by its number."""
    return re.fullmatch(r"[+-]?\d+", text.strip()) is not None


def _same(wanted: str, label: str) -> bool:
    return label == wanted


def _has_word(wanted: str, label: str) -> bool:
    return wanted in label.replace(",", " ").split()


def _holds(wanted: str, label: str) -> bool:
    return wanted in label

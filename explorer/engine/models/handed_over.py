"""A module and a tensor that a running Python program has handed over to this process, through a pipe of the two.

They are pickled, which may run code: only `receive` takes them, and only what started this process can write there.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.translation import tr
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest

PREFIX = "live"


@dataclass(slots=True)
class _HandedOver:
    """What has come, once for the process."""

    pickled: bytes = b""
    exact: Array | None = None
    name: str = ""


_come = _HandedOver()


def receive(pickled: bytes, exact: Array | None, name: str) -> None:
    """Keeps a pickled (module, card) until the worker opens it, and the numbers (C, H, W) of the input."""
    _come.pickled, _come.exact, _come.name = pickled, exact, name


def packed(module: Any, card: ModelCard, pickler: Any) -> bytes:
    """For `receive`, by a pickle module. Raises whatever pickling raises."""
    import torch

    buffer = io.BytesIO()
    torch.save((module, card), buffer, pickle_module=pickler)
    return buffer.getvalue()


class HandedOverSource:
    """`live:NAME`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        if not _come.pickled:
            raise _gone(tr("The model “{name}” is not there any more.", name=name))
        import torch

        opening.say(tr("Reading {path}", path=name))
        try:
            module, card = torch.load(io.BytesIO(_come.pickled), map_location="cpu", weights_only=False)
        except Exception as error:  # noqa: BLE001 - whatever a class raises
            raise ExplorerError(
                tr("The model “{name}” cannot be made here.", name=name),
                f"{type(error).__name__}: {str(error)[:300]}.",
                tr("Its class must be in a file that can be imported."),
            ) from None
        asked = spec.preprocess if spec.preprocess is not None else card.preprocess
        return LoadedModel(module.eval(), replace(card, spec=spec, preprocess=asked))

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


def handed_input(ref: InputRef) -> Picture:
    """The tensor. Raises ExplorerError where this process was handed none."""
    from explorer.engine.inputs.given_tensor import picture_of_tensor

    if _come.exact is None:
        raise _gone(tr("The tensor “{name}” is not there any more.", name=ref.path))
    return picture_of_tensor(_come.exact, ref.path)


def _gone(what: str) -> ExplorerError:
    why = tr("A Python program has handed it over to a window, which is closed.")
    return ExplorerError(what, why, tr("Call explorer.show again."))

"""A preprocessing as JSON, and back: how an index places cells on its pictures without the model."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from explorer.core.models import AnyPreprocess, Preprocess, kind_of
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.texts import TextPreprocess

_KINDS: dict[str, type[Any]] = {"picture": Preprocess, "sound": SoundPreprocess, "text": TextPreprocess}


def stored(preprocess: AnyPreprocess) -> dict[str, Any]:
    """Plain values, with the kind of input."""
    return {"of": kind_of(preprocess), "values": asdict(preprocess)}


def preprocess_from(held: dict[str, Any]) -> AnyPreprocess:
    """The inverse. Raises KeyError, TypeError, ValueError, ExplorerError."""
    made = _KINDS[held["of"]]
    known = {field.name for field in fields(made) if field.init}
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in held["values"].items() if name in known
    }
    mel: Any = values.get("log_mel")
    if isinstance(mel, dict):
        values["log_mel"] = LogMel(**mel)
    found: AnyPreprocess = made(**values)
    return found

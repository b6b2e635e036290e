"""Parts of a session file back as values. Fields of newer versions are passed over; `session_check` tells whether the rest
can be. Raises ValueError, TypeError, KeyError or AttributeError where a part is not what it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from explorer.core.attention_queries import AttentionMode
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.layer_views import BasisOrigin, Shows, view_named
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.session.comparison import Column, Comparison, Link, SharedScale
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.session.transfer_place import TransferPage, TransferPlace


def known(data: dict[str, Any], kind: Any) -> dict[str, Any]:
    """Without the fields that a newer version may have added."""
    return {key: value for key, value in data.items() if key in kind.__dataclass_fields__}


def model(data: dict[str, Any] | None) -> ModelSpec | None:
    if data is None:
        return None
    preprocess = data.get("preprocess")
    if preprocess is not None:
        preprocess = Preprocess(**_tuples(known(preprocess, Preprocess)))
    values = _tuples(known(data, ModelSpec))
    if "arguments" in values:
        values["arguments"] = tuple((str(name), str(text)) for name, text in values["arguments"])
    return ModelSpec(**{**values, "preprocess": preprocess})


def input_ref(data: dict[str, Any] | None) -> InputRef | None:
    return None if data is None else InputRef(**known(data, InputRef))


def comparison(data: dict[str, Any] | None) -> Comparison:
    """Without columns where there is none: files of older versions."""
    if data is None:
        return Comparison()
    values = known(data, Comparison)
    values["columns"] = tuple(_column(column) for column in values.get("columns", ()))
    for name, kind in (("link", Link), ("scale", SharedScale), ("attention", AttentionMode)):
        if name in values:
            values[name] = kind(values[name])
    kept = values.get("kept")
    return replace(Comparison(), **{**values, "kept": None if kept is None else tuple(kept)})


def transfer(data: dict[str, Any] | None) -> TransferPlace:
    values = _tuples(known(data or {}, TransferPlace))
    if "page" in values:
        values["page"] = TransferPage(values["page"])
    return TransferPlace(**values)


def dataset(data: dict[str, Any] | None) -> DatasetPlace:
    values = known(data or {}, DatasetPlace)
    if "page" in values:
        values["page"] = DatasetPage(values["page"])
    if "lasso" in values:
        values["lasso"] = tuple((y, x) for y, x in values["lasso"])
    return DatasetPlace(**values)


def _column(data: dict[str, Any]) -> Column:
    values = known(data, Column)
    values["model"], values["input"] = model(values.get("model")), input_ref(values.get("input"))
    values["edits"] = tuple(edit(each) for each in values.get("edits", ()))
    values["shows"] = view_named(values.get("shows", Shows.MAPS))
    return Column(**values)


def edit(data: dict[str, Any]) -> Edit:
    """An edit of activations."""
    values = _tuples(known(data, Edit))
    return Edit(**{**values, "origin": input_ref(values.get("origin"))})


def origin(data: dict[str, Any] | None) -> BasisOrigin | None:
    if data is None:
        return None
    return BasisOrigin(**{**known(data, BasisOrigin), "input": InputRef(**known(data["input"], InputRef))})


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}

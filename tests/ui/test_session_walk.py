"""A session file of the real window, with every workspace opened and every page set: another window shows the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer import catalogue
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.core.params import Param, ParamKind, params_of
from explorer.core.render import ScaleMode, SortKey
from explorer.core.session.comparison import Link, SharedScale
from explorer.core.session.dataset_place import DatasetPage
from explorer.core.session.session import from_json, to_json
from explorer.core.session.transfer_place import TransferPage


def another(param: Param, value: Any) -> Any:
    """A value that the parameter can have, and that is not its default."""
    if param.kind is ParamKind.CHOICE:
        return next(choice for choice in param.choices if choice != value)
    if param.kind is ParamKind.FLAG:
        return not value
    if param.kind is ParamKind.INTEGER:
        return value + 1 if param.high is None or value < param.high else value - 1
    if param.kind is ParamKind.REAL:
        return value * 0.5 if value else (param.high or 1.0) * 0.5
    return value


def set_otherwise(app: Any, spec: Any) -> bool:
    """Changes one parameter of a page at a time, as by hand; whether any could be."""
    part, changed = app.pages.page(spec.id), False
    for param in params_of(spec.params):
        before = app.pages.params_of(spec.id)
        try:
            part.set_params(replace(before, **{param.name: another(param, getattr(before, param.name))}))
        except ExplorerError:  # two parameters that cannot be so together: the others are still set
            part.set_params(before)
        changed |= app.pages.params_of(spec.id) != before
    return changed


def test_every_workspace_and_every_page_comes_back(window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    app.wait_capture()
    app.rest()
    app.change(
        tap="stage1.0", channel=3, cell=(2, 1), sort=SortKey.VARIANCE, scale=ScaleMode.PERCENTILE, percentile=95.0
    )
    app.change(colormap="viridis", blocks=True, shows=Shows.COMPONENTS, foreground=True)
    app.page("ablation").put((Edit("stage1.0", (1, 2)),))
    app.rest()
    changed = []
    for spec in catalogue.methods:
        if spec.of_selection and hasattr(app.pages.page(spec.id), "set_params") and set_otherwise(app, spec):
            changed.append(spec.id)
    assert len(changed) > 8
    visited = list(app.main_window.workspaces)
    assert {"explore", "compare", "transfer", "dataset"} <= set(visited)
    for name in visited:
        app.show_workspace(name)
        app.rest()
    doc = replace(app.session.comparison, link=Link.STRIDE, scale=SharedScale.ALL, share=True, kept=(0.25, 0.5))
    app.change(comparison=replace(doc, columns=tuple(replace(c, channel=4) for c in doc.columns)))
    app.change(transfer=replace(app.session.transfer, page=TransferPage.TRAINING))
    app.change(dataset=replace(app.session.dataset, page=DatasetPage.CHANNELS, taps="activations", text="a word"))
    app.show_workspace("dataset")
    app.open_page("health")
    app.rest()
    saved = app.whole_session()
    text = to_json(saved)

    again = window()
    again.start(ModelSpec("demo:seeded"), InputRef("sample", "house"))
    again.wait_capture()
    again.rest()
    for name in changed:
        again.pages.page(name).set_params(catalogue.methods.get(name).params())
    assert dict(again.whole_session().methods) != dict(saved.methods)
    again.restore(from_json(text))
    again.rest()
    for name in visited:
        again.show_workspace(name)
        again.rest()
    again.show_workspace("dataset")
    again.rest()
    there = again.whole_session()
    for field in dataclasses.fields(type(saved)):
        assert getattr(there, field.name) == getattr(saved, field.name), field.name
    assert not again.failures

"""What every method of the catalogue keeps to, also those of installed packages."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from explorer import catalogue
from explorer.core.layer_view_spec import LayerViewSpec
from explorer.core.layer_views import view_named
from explorer.core.method import MethodSpec, Scope
from explorer.core.pairs import PairParams, ShownPair, ShownSide, Side
from explorer.core.params import made, params_of, plain
from explorer.core.registry import load
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.widgets.forms import ParamsForm

SPECS = [pytest.param(spec, id=spec.id) for spec in catalogue.methods]


def test_nothing_of_our_own_fails() -> None:
    assert [problem.text for problem in catalogue.problems() if not problem.package] == []


@pytest.mark.parametrize("spec", SPECS)
def test_it_is_described_in_full(spec: MethodSpec[Any, Any]) -> None:
    assert spec.title
    assert spec.about
    assert not spec.about.endswith(".")
    assert importlib.import_module(spec.package).__doc__
    for param in params_of(spec.params):
        assert param.title
        assert param.help, param.name


@pytest.mark.parametrize("spec", SPECS)
def test_its_parameters_have_defaults_and_go_through_json(spec: MethodSpec[Any, Any]) -> None:
    params = spec.params()
    assert made(spec.params, json.loads(json.dumps(plain(params)))) == params
    assert hash(params) == hash(spec.params())


@pytest.mark.parametrize("spec", SPECS)
def test_its_parts_are_where_they_are_looked_for(spec: MethodSpec[Any, Any]) -> None:
    assert inspect.isgeneratorfunction(load(f"{spec.package}.compute:run"))
    if spec.scope != Scope.DATA_SET:  # it is shown by a workspace
        assert load(f"{spec.package}.{'presenter:Presenter' if spec.own_presenter else 'page:ResultPage'}")


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.values[0].pair is not None])
def test_a_method_over_two_models_goes_over_the_pictures_that_are_chosen_for_all(
    spec: MethodSpec[Any, Any], qtbot: Any
) -> None:
    assert spec.scope in (Scope.MODEL, Scope.LAYER)
    assert isinstance(spec.params(), PairParams)
    page = load(f"{spec.package}.page:ResultPage")()
    qtbot.addWidget(page)
    assert isinstance(page, PairPage)
    page.show_pair(ShownPair((ShownSide("A"), ShownSide("B"))), None)
    first, second = Side("one"), Side("other", ("layer",))
    request = spec.pair_request(first, second, spec.params())
    assert request == spec.pair_request(first, second, spec.params())
    assert request != spec.pair_request(second, first, spec.params())


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.values[0].own_presenter])
def test_a_presenter_of_its_own_can_be_asked_all_that_pages_are(spec: MethodSpec[Any, Any]) -> None:
    presenter = load(f"{spec.package}.presenter:Presenter")
    for name in ("waiting", "captured", "follow", "leave", "choose_class"):
        assert hasattr(presenter, name), name


@pytest.mark.parametrize("spec", SPECS)
def test_a_form_shows_its_parameters(spec: MethodSpec[Any, Any], qtbot: Any) -> None:
    form = ParamsForm(spec.params)
    qtbot.addWidget(form)
    assert form.values == spec.params()
    form.set_values(spec.params())
    assert form.values == spec.params()
    for editor in form.editors.values():
        assert editor.widget.accessibleName()
        assert editor.widget.toolTip()
    assert isinstance(form, QWidget)


@pytest.mark.parametrize("view", [pytest.param(view, id=view.id) for view in catalogue.layer_views])
def test_a_layer_view_is_described_and_can_be_chosen_somewhere(view: LayerViewSpec) -> None:
    assert view.title
    assert view.about
    assert view.picture
    assert view.workspaces
    assert set(view.workspaces) <= {workspace.id for workspace in catalogue.workspaces}
    assert view_named(view.id) == view.id
    assert not view.painter or callable(load(view.painter))


def test_every_source_of_models_can_be_made() -> None:
    for name in catalogue.MODELS:
        assert callable(catalogue.models.get(name).open)

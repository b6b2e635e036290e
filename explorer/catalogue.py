"""What exists, as strings, each imported when it is first asked for. Installed packages add to it by entry points.

A new method, kind of input, layer view or workspace is a folder (or a file) and a line here.
"""

from __future__ import annotations

from typing import Any

from explorer.core import input_kind, layer_view_spec, plugin_folder, workspace
from explorer.core.input_kind import InputKind
from explorer.core.layer_view_spec import LayerViewSpec
from explorer.core.method import API, MethodSpec, Scope
from explorer.core.pairs import PairParams
from explorer.core.registry import NamedRegistry, Problem, Registry, UnusableError
from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec

METHODS = (
    "explorer.methods.arithmetic.spec:SPEC",
    "explorer.methods.attribution.spec:SPEC",
    "explorer.methods.ablation.spec:SPEC",
    "explorer.methods.maximisation.spec:SPEC",
    "explorer.methods.health.spec:SPEC",
    "explorer.methods.channel_statistics.spec:SPEC",
    "explorer.methods.attention.spec:SPEC",
    "explorer.methods.examples.spec:SPEC",
    "explorer.methods.network_health.spec:SPEC",
    "explorer.methods.probe.spec:SPEC",
    "explorer.methods.ngrams.spec:SPEC",
    "explorer.methods.word_attribution.spec:SPEC",
    "explorer.methods.neighbours.spec:SPEC",
    "explorer.methods.cka.spec:SPEC",
    "explorer.methods.channel_matching.spec:SPEC",
    "explorer.methods.changed_examples.spec:SPEC",
    "explorer.methods.hear.spec:SPEC",
    "explorer.methods.filters.spec:SPEC",
    "explorer.methods.sound_maximisation.spec:SPEC",
)
WORKSPACES = tuple(f"explorer.ui.{name}.spec:SPEC" for name in ("explore", "compare", "transfer", "dataset"))
_SOURCES = "explorer.engine.models"
MODELS = {
    "demo": f"{_SOURCES}.demo.source:DemoSource",
    "torchvision": f"{_SOURCES}.torchvision_source:TorchvisionSource",
    "timm": f"{_SOURCES}.timm_source:TimmSource",
    "hf": f"{_SOURCES}.hf_source:HfSource",
    "file": f"{_SOURCES}.python_file:FileSource",
    "card": f"{_SOURCES}.card_source:CardSource",
    "pt2": f"{_SOURCES}.exported.pt2_source:Pt2Source",
    "live": f"{_SOURCES}.handed_over:HandedOverSource",
    "onnx": f"{_SOURCES}.onnx.onnx_source:OnnxSource",
}  # classes of `engine.models.base.ModelSource`, by the prefix of their models
_INPUTS = "explorer.engine.inputs.built_in"
_VIEWS = "explorer.core.layer_view_spec"
LAYER_VIEWS = tuple(f"{_VIEWS}:{view}" for view in ("MAPS", "COMPONENTS", "SIMILARITY", "ATTENTION"))
INPUTS = tuple(
    f"{_INPUTS}:{kind}"
    for kind in (
        "PICTURE",
        "VIDEO",
        "SOUND",
        "SAMPLE",
        "SCENE",
        "TEXT",
        "LINES",
        "CAMERA",
        "MICROPHONE",
        "CLIPBOARD",
        "TENSOR",
    )
)


def _check_method(value: object) -> tuple[str, str]:
    if not isinstance(value, MethodSpec):
        return "", tr("it is no MethodSpec")
    if value.api != API:
        return value.id, tr(
            "it is made for version {api} of the plug-in interface; this program has {api2}", api=value.api, api2=API
        )
    if not value.id.replace("-", "").isalnum() or value.id != value.id.lower():
        return value.id, tr("its id must be lower-case letters, digits and hyphens")
    if value.pair is not None and not issubclass(value.params, PairParams):
        return value.id, tr("a method over two models needs parameters that are PairParams")
    if value.pair is not None and value.scope not in (Scope.MODEL, Scope.LAYER):
        return value.id, tr("a method over two models is about the models, or about a layer of each")
    return value.id, ""


methods: Registry[MethodSpec[Any, Any]] = Registry(METHODS, "explorer.methods", _check_method)

inputs: Registry[InputKind] = Registry(INPUTS, "explorer.inputs", lambda value: input_kind.fault_of(value, API))

workspaces: Registry[WorkspaceSpec] = Registry(
    WORKSPACES, "explorer.workspaces", lambda value: workspace.fault_of(value, API)
)


def lasts(kind: str) -> bool:
    """Whether an input of a kind can be opened again from what its reference says."""
    found = inputs.get(kind)
    return found is not None and not found.again


layer_views: Registry[LayerViewSpec] = Registry(
    LAYER_VIEWS, "explorer.layer_views", lambda value: layer_view_spec.fault_of(value, API)
)


def _source(made_by: Any) -> Any:
    source = made_by()
    if not (callable(getattr(source, "open", None)) and callable(getattr(source, "entries", None))):
        raise UnusableError(tr("it offers no open and entries"))
    return source


models: NamedRegistry[Any] = NamedRegistry(MODELS, "explorer.models", _source)


def views_of(workspace: str) -> tuple[LayerViewSpec, ...]:
    """The layer views that can be chosen in a workspace."""
    return tuple(view for view in layer_views if workspace in view.workspaces)


def problems() -> tuple[Problem, ...]:
    """What is registered and cannot be used, with the reason; what lies in the folder of plug-ins and may not run is among it."""
    registered = (*methods.problems, *inputs.problems, *workspaces.problems, *layer_views.problems, *models.problems)
    return (*registered, *_not_allowed())


def _not_allowed() -> tuple[Problem, ...]:
    todo = tr(
        "its files have no permission to run as they are now; look at them, then: feature-map-explorer plugin allow"
    )
    return tuple(
        Problem(each.name, "", each.reason or f"{todo} {each.name}")
        for each in plugin_folder.offered()
        if each.reason or not each.allowed
    )

"""Where models come from. Importing this package imports neither torch nor torchvision; opening a model does.

A model is named `demo:NAME`, `torchvision:NAME`, `timm:NAME`, `hf:NAME` (or a folder), `file:PATH.py:FACTORY`,
`card:PATH.json` (what was learnt here), `pt2:PATH.pt2` (a program of torch.export), `onnx:PATH.onnx`, or plain NAME, which is
torchvision's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.input_sizes import resized
from explorer.core.models import ModelSpec, Preprocess, of_pictures
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.engine.models import source_registry
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest, parse_id
from explorer.engine.models.code_consent import Consent
from explorer.engine.models.model_menu import catalogue, extension_entries, first_of, more, start_choice, start_input
from explorer.engine.models.open_errors import Cancelled, ConsentNeeded
from explorer.engine.models.unknown_file import refusal_of


def open_model(
    spec: ModelSpec,
    *,
    trust_code: bool = False,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    allow_download: bool = False,
) -> LoadedModel:
    """The model that `spec` names, in eval mode. Called on the thread that owns modules; `progress` is called there too.

    Raises ExplorerError; as ConsentNeeded when a Python file would run without a yes, as Cancelled when `cancelled` said so.
    """
    opening = OpenRequest(trust_code, allow_download, progress, cancelled)
    named = parse_id(spec.id)
    if named.source == "torchvision" and named.name == named.text and (refused := refusal_of(named.text)) is not None:
        raise refused
    loaded = source_registry.source(named.source).open(named.name, spec, opening)
    if spec.arguments and not loaded.card.given:
        raise ExplorerError(
            tr("The model takes no argument {name}.", name=spec.arguments[0][0]),
            tr("It takes the opened input alone."),
            tr("A Python file with example_inputs() has further inputs."),
        )
    from explorer.engine.models.input_type import settle

    if isinstance(loaded.card.preprocess, Preprocess):
        settle(loaded.module, loaded.card.preprocess)
    opening.say(tr("Ready"), 1.0)
    if spec.size is None or spec.preprocess is not None:
        return loaded
    made = resized(of_pictures(loaded.card.preprocess), *spec.size)
    return replace(loaded, card=replace(loaded.card, preprocess=made))


__all__ = [
    "Cancelled",
    "CatalogueEntry",
    "Consent",
    "ConsentNeeded",
    "LoadedModel",
    "catalogue",
    "extension_entries",
    "first_of",
    "more",
    "open_model",
    "start_choice",
    "start_input",
]

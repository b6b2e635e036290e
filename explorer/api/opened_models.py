"""Models and inputs as a Python program names them."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from explorer.api.workbench import Workbench
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.input_sizes import resized, size_from
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.models import AssumedNote, ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.core.scores import Probabilities
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.engine.inputs import named_input, open_input
from explorer.engine.inputs.given_tensor import picture_of_tensor, taking
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.models.base import LoadedModel
from explorer.engine.models.handed_over import PREFIX
from explorer.engine.models.input_type import settle
from explorer.engine.models.module_state import parameter_count, state_digest

Size: TypeAlias = "int | tuple[int, int] | str | None"
Shown: TypeAlias = "str | Path | Input | Array | Tensor | Any"  # what `input_of` takes
_busy = threading.RLock()  # the workbench is one thread's at a time


@dataclass(frozen=True, eq=False)
class Model:
    """An open model: `module` in evaluation mode on the CPU, `card` with what is known of it."""

    loaded: LoadedModel

    @property
    def module(self) -> nn.Module:
        """The network itself."""
        return self.loaded.module

    @property
    def card(self) -> ModelCard:
        """Its name, weights, preprocessing, labels and notes."""
        return self.loaded.card

    def __repr__(self) -> str:
        card = self.card
        return f"<explorer.Model {card.name}: {card.weights.label}, {card.parameters:,} parameters>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        card = self.card
        rows = [(tr("weights"), card.weights.label), (tr("parameters"), f"{card.parameters:,}")]
        rows += [(tr("input"), card.preprocess.says), *card.facts, *((tr("note"), str(note)) for note in card.notes)]
        return table(card.name, (), rows)


AnyModel: TypeAlias = "Model | nn.Module | str"


@lru_cache(1)
def workbench() -> Workbench:
    """The one of this process, made at the first use."""
    return Workbench()


def busy() -> threading.RLock:
    """Held while something is computed: functions may be called from any thread and wait for each other."""
    return _busy


def open(
    model: AnyModel | Path,
    *,
    weights: str | Path = "",
    untrained: bool = False,
    seed: int = 0,
    size: Size = None,
    output: str = "",
    probabilities: Probabilities = "auto",
    arguments: Mapping[str, Any] | None = None,
    trust_code: bool = False,
    download: bool = False,
    preprocess: Preprocess | None = None,
    labels: Sequence[str] = (),
    name: str = "",
    use: Literal["copy", "same"] = "copy",
    trained: bool = False,
) -> Model:
    """Opens a model by its name or file, or takes a module of one's own.

    model: what a command takes as MODEL ("demo:shapes-cnn", "torchvision:resnet18", "timm:…", "hf:…", "file:net.py:make_model",
    "net.pt2"), an nn.Module, or a Model. weights, untrained, seed, size, output, probabilities, trust_code, download: as the options
    of the commands; size in pixels, one side or (height, width). arguments: other inputs of a model of a Python file, by name
    (numbers, nested lists, paths of pictures), where they are not to be as its example_inputs() gives them.

    Of a module: preprocess says how pictures become its input (default: stretched to `size`, values 0 to 1), labels the names of
    its classes, name what it is called. use="copy" keeps a copy of the module as it is now, on the CPU, so that training may go
    on; "same" uses the very module, which must be on the CPU, and puts it into evaluation mode.
    trained: whether its weights have learnt something; results of a module that is not known to have say so.

    Raises ExplorerError (with what happened, why, and the way out); ConsentNeeded for a Python file without trust_code.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, nn.Module):
        if preprocess is None and _size(size) is None:
            raise ExplorerError(
                tr("It is not known how pictures become the input of this module."),
                "",
                tr("Give size=(height, width), or preprocess=explorer.Preprocess(...); or a tensor as the input."),
            )
        with _busy:
            return _own(model, preprocess, _size(size), tuple(labels), name, use, trained, (output, probabilities))
    spec = ModelSpec(
        str(model),
        str(weights),
        untrained,
        seed,
        preprocess,
        _size(size),
        output=output,
        probabilities=probabilities,
        arguments=tuple((each, _written(value)) for each, value in (arguments or {}).items()),
    )
    with _busy:
        bench = workbench()
        card = bench.bench.open(spec, bench.job, trust_code, download).card
        loaded = bench.bench.model(card.digest)
    return Model(replace(loaded, card=replace(card, labels=tuple(labels))) if labels else loaded)


def _written(value: Any) -> str:
    """As a person writes it: JSON for numbers and lists, a text as it is."""
    return value if isinstance(value, str) else json.dumps(value)


def _size(size: Size) -> tuple[int, int] | None:
    if size is None or isinstance(size, tuple):
        return size
    return size_from(str(size))


def _own(
    module: nn.Module,
    preprocess: Preprocess | None,
    size: tuple[int, int] | None,
    labels: tuple[str, ...],
    name: str,
    use: str,
    trained: bool,
    read: tuple[str, Probabilities],
) -> Model:
    name = name or type(module).__name__
    taken = _copied(module) if use == "copy" else module
    notes: tuple[str, ...] = ()
    if preprocess is None:
        height, width = size or (0, 0)
        preprocess = Preprocess(height, width, "stretch", min(height, width), (0.0,), (1.0,), _channels(module))
        words = tr("How pictures are prepared for this module is not known: values from 0 to 1 are assumed.")
        notes = (AssumedNote(words, tr("input")),)
    elif size is not None:
        preprocess = resized(of_pictures(preprocess), *size)
    weights = WeightsInfo(trained, sha256=state_digest(taken), in_memory=True)
    spec = ModelSpec(f"{PREFIX}:{name}", output=read[0], probabilities=read[1])
    count = parameter_count(taken)
    card = ModelCard(spec, name, PREFIX, weights, preprocess, labels, count, notes=notes)
    taken.eval()
    settle(taken, preprocess)
    return Model(LoadedModel(taken, card))


def _copied(module: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(module).to("cpu")
    except Exception as error:  # noqa: BLE001 - whatever a class raises
        raise ExplorerError(
            tr("The module cannot be copied."),
            f"{type(error).__name__}: {str(error)[:200]}.",
            tr('Give use="same" to use the module itself.'),
        ) from None


def _channels(module: nn.Module) -> int:
    """Of the first convolution: what a picture must have."""
    first = next((m for m in module.modules() if isinstance(m, nn.Conv2d)), None)
    return 3 if first is None else first.in_channels


def opened(model: AnyModel, given: Shown = None) -> tuple[LoadedModel, Input | None]:
    """(the model on the workbench, the input as its methods take it). A tensor goes into the model as it is. Hold `busy`."""
    bench = workbench().bench
    seen = None if given is None else input_of(given)
    exact = seen.exact if isinstance(seen, Picture) else None
    shape = None if exact is None else (exact.shape[0], exact.shape[1], exact.shape[2])
    if isinstance(model, nn.Module) and shape is not None:
        unknown = Preprocess(*shape[1:], "stretch", min(shape[1:]), (0.0,), (1.0,), shape[0])
        loaded = _own(model, unknown, None, (), "", "copy", False, ("", "auto")).loaded
    else:
        loaded = open(model).loaded
        if shape is not None and isinstance(loaded.card.preprocess, Preprocess):
            card = loaded.card
            made = taking(of_pictures(card.preprocess), shape)
            loaded = replace(loaded, card=replace(card, preprocess=made, spec=replace(card.spec, preprocess=made)))
    bench.adopt(loaded)
    return bench.model(loaded.card.digest), seen


def input_of(given: Shown) -> Input:
    """An input: a file, a name as a command takes it ("sample:cat", "text:WORDS", "sound.wav@1+2"), an open input, (H, W), (H, W, 3)
    pixels as a numpy array (uint8, uint16 or floats from 0 to 1), a PIL image, or a tensor (C, H, W) or (1, C, H, W) that goes
    into the model as it is. Raises ExplorerError."""
    if isinstance(given, Picture | Sound | Text):
        return given
    if isinstance(given, str | Path):
        if Path(given).is_dir() and ":" not in str(given):
            raise ExplorerError(tr("{name} is a folder.", name=given), tr("One input is wanted here."))
        return open_input(named_input(str(given)))
    if isinstance(given, Tensor):
        values = given.detach().to("cpu", torch.float32).numpy()
        return picture_of_tensor(values[0] if values.ndim == 4 and len(values) == 1 else values)
    if isinstance(given, np.ndarray) or hasattr(given, "__array__"):
        return picture_from_array(np.asarray(given), InputRef("clipboard"), tr("array"))
    raise ExplorerError(
        tr("A {kind} is no input.", kind=type(given).__name__), "", tr("Give a file, an array of pixels, or a tensor.")
    )


def preprocess(model: AnyModel, input: Shown) -> Array:
    """The input tensor of a model as numpy: (1, C, H, W) float32 of a picture, (1, L) int64 of a text, of a sound as its layout says.

    Raises ExplorerError where the model takes another kind of input.
    """
    with _busy:
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        found: Array = input_tensor(seen, loaded.card.preprocess).numpy()
    return found

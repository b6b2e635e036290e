"""`onnx:PATH`, or a bare PATH.onnx: a model in ONNX, opened without running anything that the file brings."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from explorer.core.abilities import Abilities
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, WeightsInfo, of_pictures
from explorer.core.translation import tr
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.exported.program_json import NotRead
from explorer.engine.models.extras import ONNX, load
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.module_state import parameter_count
from explorer.engine.models.onnx.onnx_file import OnnxFile, read_onnx
from explorer.engine.models.onnx.onnx_graph import graph_of
from explorer.engine.models.onnx.onnx_module import OnnxModule, no_gradients
from explorer.engine.models.onnx.onnx_sizes import check_sizes
from explorer.engine.models.usual_preprocess import usual_preprocess
from explorer.engine.models.weights import names
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.locate import sha256_of

_TYPES = {1: torch.float32, 10: torch.float16, 11: torch.float64}
_WORDS = {2: "uint8", 3: "int8", 6: "int32", 7: "int64", 8: "string", 9: "bool", 16: "bfloat16"}
_CHANNELS = 64  # of a picture; more of them at this place are rows
_LARGEST = 1 << 28  # numbers of one input: 1 GB
_SIDE = 224  # of pictures, where the file leaves it open
_LABELS = 1 << 20  # characters of names of classes in a file


class OnnxSource:
    """`onnx:PATH`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        path = Path(name).expanduser().absolute()
        if spec.weights or spec.untrained:
            what = tr("{path} brings its own weights.", path=path.name)
            raise ExplorerError(what, "", tr("Leave --weights and --untrained out."))
        opening.say(tr("Reading {path}", path=path.name))
        try:
            return _opened(path, replace(spec, id=f"onnx:{path}"), opening)
        except NotRead as error:
            what = tr("{path} is an ONNX model that cannot be opened.", path=path.name)
            raise ExplorerError(what, _sentence(error), error.todo) from None
        except Broken as error:
            what = tr("{path} is damaged or no ONNX model.", path=path.name)
            raise ExplorerError(what, _sentence(error), tr("Copy it again, or export it again.")) from None
        except TooMuch as error:
            what = tr("{path} is larger inside than a model can be here.", path=path.name)
            raise ExplorerError(what, _sentence(error), tr("Export it again.")) from None
        except (OSError, MemoryError) as error:
            raise ExplorerError(
                tr("{path} cannot be read.", path=path.name), _sentence(error), tr("Is there room for it in memory?")
            ) from None

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


def _opened(path: Path, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    file = read_onnx(path)
    graph = graph_of(file)
    taken = _picture_of(graph.inputs)
    check_sizes(file)
    opening.say(tr("Building {stem}", stem=path.stem), 0.5)
    module = OnnxModule(graph, taken.dtype, taken.last).eval()
    preprocess = spec.preprocess or usual_preprocess(taken.channels, taken.height, taken.width)
    size = of_pictures(preprocess)
    with torch.no_grad():  # once, so that what the runtime does not take is told now
        module(torch.zeros(1, size.channels, size.height, size.width))
    labels, more = labels_beside(path)
    refusal = no_gradients()
    card = ModelCard(
        spec=spec,
        name=path.stem,
        source="onnx",
        weights=WeightsInfo(True, str(path), _digest(path, file), note=tr("of an ONNX model")),
        preprocess=preprocess,
        labels=labels or _names_in(file),
        parameters=parameter_count(module),
        description=tr(
            "An ONNX model{by}, read as data; its values are computed by ONNX Runtime {version}.",
            by=_by(file),
            version=load(ONNX).__version__,
        ),
        notes=(*_notes(taken, spec), *more),
        abilities=Abilities(no_gradients=f"{refusal.what} {refusal.todo}"),
    )
    return LoadedModel(module, card)


def _digest(path: Path, file: OnnxFile) -> str:
    """Of the file, and of the files beside it that hold its weights."""
    return "+".join(sha256_of(each)[: 64 if each == path else 16] for each in (path, *file.beside))


# ---- the input


@dataclass(frozen=True, slots=True)
class PictureInput:
    """What its one input is. `last`: its channels come last; `batch`, `size`: whether these are left open."""

    dtype: torch.dtype
    channels: int
    height: int
    width: int
    last: bool
    batch: bool
    size: bool


def _picture_of(inputs: tuple[Any, ...]) -> PictureInput:
    """The one input, which must be a batch of one picture. Raises NotRead."""
    by_python = tr(
        "Open the PyTorch model through a Python file that says how its input is made (docs/models-and-inputs.md)."
    )
    if len(inputs) != 1:
        raise NotRead(tr("it takes {count} inputs, and one picture is given here", count=len(inputs)), by_python)
    tensor = inputs[0].type.tensor_type
    number = tensor.elem_type
    sizes = [size.dim_value if size.HasField("dim_value") else -1 for size in tensor.shape.dim]
    word = str(_TYPES.get(number, _WORDS.get(number, tr("numbers")))).removeprefix("torch.")
    said = f"{word} [{', '.join(tr('any') if size < 0 else str(size) for size in sizes)}]"
    too_large = math.prod(abs(size) for size in sizes[1:]) > _LARGEST
    if len(sizes) != 4 or number not in _TYPES or too_large or 0 in sizes:
        raise NotRead(
            tr("it takes {said}, which is no batch of pictures [1, channels, height, width]", said=said), by_python
        )
    last = 0 < sizes[3] <= 4 and not 0 < sizes[1] <= 4
    channels, height, width = (sizes[3], *sizes[1:3]) if last else sizes[1:]
    if channels < 0 or channels > _CHANNELS:
        raise NotRead(tr("it takes {said}, and does not say how many channels a picture has", said=said), by_python)
    if sizes[0] > 1:
        todo = tr("Export it with a single picture, or with a dynamic batch.")
        raise NotRead(tr("it takes batches of exactly {shape} pictures, and one is given here", shape=sizes[0]), todo)
    open_size = height < 0 or width < 0
    height, width = (_SIDE if side < 0 else side for side in (height, width))
    return PictureInput(_TYPES[number], channels, height, width, last, sizes[0] < 0, open_size)


# ---- words


def _notes(taken: PictureInput, spec: ModelSpec) -> tuple[str, ...]:
    found = [
        tr("ONNX Runtime gives values and no gradients: what needs them says so."),
        tr("Exporters join layers: a batch norm is often part of the convolution before it."),
    ]
    if spec.preprocess is None:
        found.append(
            tr(
                "An ONNX model does not say how pictures are prepared: ImageNet's usual way is assumed; it can be changed."
            )
        )
    if taken.size:
        found.append(
            tr("Its size of pictures is open: {height} × {width} is taken.", height=taken.height, width=taken.width)
        )
    if taken.last:
        found.append(tr("Its channels come last: they are put there for it."))
    return tuple(found)


def _names_in(file: OnnxFile) -> tuple[str, ...]:
    """The classes that a file names in its settings, as {0: "cat", 1: "dog"}; () where it names none."""
    text = next((entry.value for entry in file.proto.metadata_props if entry.key == "names"), "")
    if not text or len(text) > _LABELS:
        return ()
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if not isinstance(found, dict) or sorted(found, key=str) != sorted(range(len(found)), key=str):
        return ()
    return tuple(names.shown(str(found[number]), 80) for number in range(len(found)))


def _by(file: OnnxFile) -> str:
    by = " ".join(part for part in (file.proto.producer_name, file.proto.producer_version) if part)
    return f" ({names.shown(by, 40)})" if by else ""


def _sentence(error: Exception) -> str:
    text = names.shown(str(error), 240)
    return f"{text[:1].upper()}{text[1:]}."

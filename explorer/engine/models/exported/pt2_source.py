"""`pt2:PATH`, or a bare PATH.pt2: a program of torch.export, opened without running anything that the file brings."""

from __future__ import annotations

import math
import mmap
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.core.translation import tr
from explorer.engine.capture.describe import COMPUTES, set_input_dtype
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.exported.build import DTYPES, build
from explorer.engine.models.exported.program import Payload, Program, TensorMeta
from explorer.engine.models.exported.program_json import NotRead
from explorer.engine.models.exported.pt2_archive import Pt2File, read_pt2
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.module_state import parameter_count
from explorer.engine.models.usual_preprocess import usual_preprocess
from explorer.engine.models.weights import names
from explorer.engine.models.weights.checkpoint import first_bytes, made_of, not_finite
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.locate import sha256_of
from explorer.engine.models.weights.mapped import Mapped
from explorer.engine.models.weights.plan import TensorPlan
from explorer.engine.models.weights.rebuild import StoragePart, view_plan
from explorer.engine.models.weights.torch_file import InArchive

_BY_PYTHON = tr("Open it through a Python file that says how its input is made (docs/models-and-inputs.md).")
_CHANNELS = 64  # of a picture; more of them at this place are rows
_LARGEST = 1 << 28  # numbers of one input: 1 GB


class Pt2Source:
    """`pt2:PATH`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        path = Path(name).expanduser().absolute()
        if spec.weights or spec.untrained:
            what = tr("{path} brings its own weights.", path=path.name)
            raise ExplorerError(what, "", tr("Leave --weights and --untrained out."))
        opening.say(tr("Reading {path}", path=path.name))
        try:
            return _opened(path, replace(spec, id=f"pt2:{path}"), opening)
        except NotRead as error:
            what = tr("{path} is a program of torch.export that cannot be opened.", path=path.name)
            raise ExplorerError(what, f"{_sentence(error)}", error.todo) from None
        except Broken as error:
            what = tr("{path} is damaged or no program of torch.export.", path=path.name)
            raise ExplorerError(what, _sentence(error), tr("Copy it again, or export it again.")) from None
        except TooMuch as error:
            what = tr("{path} is larger inside than a program can be.", path=path.name)
            raise ExplorerError(what, _sentence(error), tr("Export it again.")) from None
        except (OSError, MemoryError, RuntimeError) as error:  # it cannot be mapped, or there is no room for it
            raise ExplorerError(
                tr("{path} cannot be read.", path=path.name), _sentence(error), tr("Is there room for it in memory?")
            ) from None

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


def _opened(path: Path, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    held = _read(path)
    program = held.program
    meta = _picture_of(program)
    opening.say(tr("Building {stem}", stem=path.stem), 0.5)
    state = _tensors(held, path)
    parameters = frozenset(name for name, payload in held.payloads.items() if payload.parameter)
    try:
        module = build(program, state, parameters).eval()
    except (NotRead, Broken, ExplorerError):
        raise
    except (RuntimeError, TypeError, ValueError, AssertionError, ArithmeticError) as error:
        raise Broken(tr("a layer of it cannot be made ({told})", told=told(error))) from None
    _set_type(module, meta)
    labels, more = labels_beside(path)
    preprocess = spec.preprocess or _preprocess(meta)
    card = ModelCard(
        spec=spec,
        name=path.stem,
        source="pt2",
        weights=WeightsInfo(True, str(path), sha256_of(path), note=tr("of an exported program")),
        preprocess=preprocess,
        labels=labels,
        parameters=parameter_count(module),
        description=tr("A program of torch.export{by}, read as data: nothing in the file was run.", by=_by(program)),
        notes=(*_notes(program, meta, spec), *more, *not_finite(state)),
    )
    return LoadedModel(module, card)


def _read(path: Path) -> Pt2File:
    first_bytes(path)
    with open(path, "rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return read_pt2(data)


# ---- tensors


def _tensors(held: Pt2File, path: Path) -> dict[str, Tensor]:
    """By their names; those that are one memory are one tensor. Raises Broken, TooMuch, NotRead, ExplorerError."""
    nbytes = len(held.archive.data)
    shelf = InArchive(held.archive, held.folder, Mapped(path, nbytes))
    known: dict[Payload, TensorPlan] = {}
    plans = {}
    for name in (state.name for state in held.program.state if state.name in held.payloads):
        payload = held.payloads[name]
        at = replace(payload, parameter=False)
        if at not in known:
            known[at] = _plan(payload, shelf)
        plans[name] = known[at]
    return made_of(plans, path.name, nbytes)


def _plan(payload: Payload, shelf: InArchive) -> TensorPlan:
    meta, dtype = payload.meta, DTYPES.get(payload.meta.dtype)
    if dtype is None:
        raise NotRead(tr("it holds numbers of a kind that is not known here ({dtype})", dtype=meta.dtype))
    whole = StoragePart(payload.entry, "Untyped", 0, shelf.nbytes(payload.entry))
    return view_plan(whole, dtype, (meta.offset, meta.shape, meta.strides), shelf)


# ---- the input


def _picture_of(program: Program) -> TensorMeta:
    """The one input, which must be a batch of one picture. Raises NotRead."""
    if len(program.inputs) != 1:
        raise NotRead(
            tr("its forward takes {count} tensors, and one is given here", count=len(program.inputs)), _BY_PYTHON
        )
    meta = program.inputs[0][1]
    said = f"{_word(meta)} [{', '.join(tr('any') if size < 0 else str(size) for size in meta.shape)}]"
    too_large = math.prod(abs(size) for size in meta.shape[1:]) > _LARGEST
    if len(meta.shape) != 4 or too_large or DTYPES.get(meta.dtype) not in COMPUTES:
        raise NotRead(
            tr("it takes {said}, which is no batch of pictures [1, channels, height, width]", said=said), _BY_PYTHON
        )
    if min(meta.shape[1:]) < 1:
        raise NotRead(
            tr("it takes {said}, and does not say of which size", said=said), tr("Export it with an example picture.")
        )
    if meta.shape[1] > _CHANNELS and meta.shape[3] <= _CHANNELS:
        raise NotRead(
            tr("it takes {said}: its channels come last", said=said),
            tr("Export a model that takes [1, channels, height, width]."),
        )
    if meta.shape[0] != 1 and not (meta.symbolic and meta.symbolic[0]):
        todo = tr("Export it with a single picture, or with a dynamic batch.")
        raise NotRead(
            tr("it takes batches of exactly {shape} pictures, and one is given here", shape=meta.shape[0]), todo
        )
    return meta


def _word(meta: TensorMeta) -> str:
    return str(DTYPES.get(meta.dtype, "numbers")).removeprefix("torch.")


def _set_type(module: nn.Module, meta: TensorMeta) -> None:
    dtype = DTYPES[meta.dtype]
    first = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)
    if dtype is not first:
        set_input_dtype(module, dtype)


def _preprocess(meta: TensorMeta) -> Preprocess:
    """ImageNet's for the size that it was exported for."""
    return usual_preprocess(*meta.shape[1:])


# ---- words


def _notes(program: Program, meta: TensorMeta, spec: ModelSpec) -> tuple[str, ...]:
    found = []
    if spec.preprocess is None:
        found.append(
            tr(
                "An exported program does not say how pictures are prepared: ImageNet's usual way is assumed; it can be changed."
            )
        )
    if meta.symbolic and meta.symbolic[0]:
        found.append(tr("Its batch is dynamic: it is 1 here."))
    if any(meta.symbolic[1:]):
        size = of_pictures(_preprocess(meta))
        found.append(
            tr(
                "Its size of pictures is dynamic: {height} × {width}, as in the example that it was exported with.",
                height=size.height,
                width=size.width,
            )
        )
    training = [node for node in program.nodes if dict(node.args).get("training", dict(node.args).get("train")) is True]
    if training:
        found.append(
            tr(
                "It was exported in training mode: its {count} batch norms and dropouts run in evaluation mode here.",
                count=len(training),
            )
        )
    if program.written:
        found.append(
            tr(
                "What it writes to its {written} buffers is left out: every forward starts from the same.",
                written=program.written,
            )
        )
    return tuple(found)


def _by(program: Program) -> str:
    return tr(" (torch {shown})", shown=names.shown(program.torch_version, 20)) if program.torch_version else ""


def _sentence(error: Exception) -> str:
    text = names.shown(str(error), 240)
    return f"{text[:1].upper()}{text[1:]}."

"""`pt2:PATH`, or a bare PATH.pt2: a program of torch.export, opened without running anything that the file brings."""

from __future__ import annotations

import mmap
import os
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.engine.capture.describe import COMPUTES, set_input_dtype
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.exported.build import DTYPES, build
from explorer.engine.models.exported.program import Payload, Program, TensorMeta
from explorer.engine.models.exported.program_json import NotRead
from explorer.engine.models.exported.pt2_archive import Pt2File, read_pt2
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.module_state import parameter_count
from explorer.engine.models.weights import names
from explorer.engine.models.weights.checkpoint import not_finite
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.locate import sha256_of
from explorer.engine.models.weights.mapped import Mapped, numbers, of_buffer
from explorer.engine.models.weights.plan import reach, sizes

_BY_PYTHON = "Open it through a Python file that says how its input is made (docs/models-and-inputs.md)."
_CHANNELS = 64  # of a picture; more of them at this place are rows


class Pt2Source:
    """`pt2:PATH`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        path = Path(name).expanduser().absolute()
        if spec.weights or spec.untrained:
            what = f"{path.name} brings its own weights."
            raise ExplorerError(what, "", "Leave --weights and --untrained out.")
        opening.say(f"Reading {path.name}")
        try:
            return _opened(path, replace(spec, id=f"pt2:{path}"), opening)
        except NotRead as error:
            what = f"{path.name} is a program of torch.export that cannot be opened."
            raise ExplorerError(what, f"{_sentence(error)}", error.todo) from None
        except Broken as error:
            what = f"{path.name} is damaged or no program of torch.export."
            raise ExplorerError(what, _sentence(error), "Copy it again, or export it again.") from None
        except TooMuch as error:
            what = f"{path.name} is larger inside than a program can be."
            raise ExplorerError(what, _sentence(error), "Export it again.") from None

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


def _opened(path: Path, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    held = _read(path)
    program = held.program
    meta = _picture_of(program)
    opening.say(f"Building {path.stem}", 0.5)
    state = _tensors(held, path)
    parameters = frozenset(name for name, payload in held.payloads.items() if payload.parameter)
    try:
        module = build(program, state, parameters).eval()
    except (NotRead, Broken, ExplorerError):
        raise
    except (RuntimeError, TypeError, ValueError, AssertionError, ArithmeticError) as error:
        raise Broken(f"a layer of it cannot be made ({told(error)})") from None
    _set_type(module, meta)
    labels, more = labels_beside(path)
    preprocess = spec.preprocess or _preprocess(meta)
    card = ModelCard(
        spec=spec,
        name=path.stem,
        source="pt2",
        weights=WeightsInfo(True, str(path), sha256_of(path), note="of an exported program"),
        preprocess=preprocess,
        labels=labels,
        parameters=parameter_count(module),
        description=f"A program of torch.export{_by(program)}, read as data: nothing in the file was run.",
        notes=(*_notes(program, meta, spec), *more, *not_finite(state)),
    )
    return LoadedModel(module, card)


def _read(path: Path) -> Pt2File:
    try:
        if os.path.isdir(path):
            raise ExplorerError(f"{path} is a folder.", "", "Choose a .pt2 file.")
        with open(path, "rb") as file:
            if not file.read(1):
                raise ExplorerError(f"{path.name} is empty.", "The file has no content.", "Copy or export it again.")
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise ExplorerError(f"There is no file {path}.", "", "Check the name, or choose the file again.") from None
    except (OSError, ValueError) as error:
        raise ExplorerError(f"{path} cannot be read.", f"{error}.", "Check its permissions.") from None
    return read_pt2(data)


# ---- tensors


def _tensors(held: Pt2File, path: Path) -> dict[str, Tensor]:
    """By their names; those that are one memory are one tensor. Raises Broken, NotRead."""
    mapped = Mapped(path, len(held.archive.data))
    made: dict[Hashable, Tensor] = {}
    found = {}
    for state in held.program.state:
        payload = held.payloads.get(state.name)
        if payload is None:
            continue
        key = (payload.entry, payload.meta)
        if key not in made:
            made[key] = _tensor(held, payload, mapped)
        found[state.name] = made[key]
    return found


def _tensor(held: Pt2File, payload: Payload, mapped: Mapped) -> Tensor:
    entry, meta = held.archive.entries.get(payload.entry), payload.meta
    dtype = DTYPES.get(meta.dtype)
    if entry is None:
        raise Broken(f"{payload.entry[-60:]} is not in it")
    if dtype is None:
        raise NotRead(f"it holds numbers of a kind that is not known here ({meta.dtype})")
    content = held.archive.read(entry.name)  # compared with its checksum
    shape, strides = sizes(meta.shape), sizes(meta.strides)
    count = reach(shape, strides, meta.offset, entry.nbytes // dtype.itemsize)
    place = held.archive.place(entry) if entry.method == 0 else 0
    read = (lambda start, size: mapped(place + start, size)) if entry.method == 0 else of_buffer(content)
    flat = numbers(read, dtype, meta.offset * dtype.itemsize, count, swapped=held.swapped != _order())
    return torch.as_strided(flat, shape, strides) if count else flat.reshape(shape)


def _order() -> str:
    import sys

    return sys.byteorder


# ---- the input


def _picture_of(program: Program) -> TensorMeta:
    """The one input, which must be a batch of one picture. Raises NotRead."""
    if len(program.inputs) != 1:
        raise NotRead(f"its forward takes {len(program.inputs)} tensors, and one is given here", _BY_PYTHON)
    meta = program.inputs[0][1]
    said = f"{_word(meta)} [{', '.join('any' if size < 0 else str(size) for size in meta.shape)}]"
    if len(meta.shape) != 4 or DTYPES.get(meta.dtype) not in COMPUTES:
        raise NotRead(f"it takes {said}, which is no batch of pictures [1, channels, height, width]", _BY_PYTHON)
    if min(meta.shape[1:]) < 1:
        raise NotRead(f"it takes {said}, and does not say of which size", "Export it with an example picture.")
    if meta.shape[1] > _CHANNELS and meta.shape[3] <= _CHANNELS:
        raise NotRead(
            f"it takes {said}: its channels come last", "Export a model that takes [1, channels, height, width]."
        )
    if meta.shape[0] != 1 and not (meta.symbolic and meta.symbolic[0]):
        todo = "Export it with a single picture, or with a dynamic batch."
        raise NotRead(f"it takes batches of exactly {meta.shape[0]} pictures, and one is given here", todo)
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
    _, channels, height, width = meta.shape
    resize = round(min(height, width) * 256 / 224)
    usual = Preprocess()
    mean = tuple(usual.mean[n % 3] for n in range(channels)) if channels != 1 else (0.449,)
    std = tuple(usual.std[n % 3] for n in range(channels)) if channels != 1 else (0.226,)
    return Preprocess(height=height, width=width, resize=resize, channels=channels, mean=mean, std=std)


# ---- words


def _notes(program: Program, meta: TensorMeta, spec: ModelSpec) -> tuple[str, ...]:
    found = []
    if spec.preprocess is None:
        found.append(
            "An exported program does not say how pictures are prepared: ImageNet's usual way is assumed; it can be changed."
        )
    if meta.symbolic and meta.symbolic[0]:
        found.append("Its batch is dynamic: it is 1 here.")
    if any(meta.symbolic[1:]):
        size = of_pictures(_preprocess(meta))
        found.append(
            f"Its size of pictures is dynamic: {size.height} × {size.width}, as in the example that it was exported with."
        )
    training = [node for node in program.nodes if dict(node.args).get("training", dict(node.args).get("train")) is True]
    if training:
        found.append(
            f"It was exported in training mode: its {len(training)} batch norms and dropouts run in evaluation mode here."
        )
    if program.written:
        found.append(
            f"What it writes to its {program.written} buffers is left out: every forward starts from the same."
        )
    return tuple(found)


def _by(program: Program) -> str:
    return f" (torch {names.shown(program.torch_version, 20)})" if program.torch_version else ""


def _sentence(error: Exception) -> str:
    text = names.shown(str(error), 240)
    return f"{text[:1].upper()}{text[1:]}."

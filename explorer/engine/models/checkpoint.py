"""Read a file of weights: `.safetensors`, `.pth`, `.pt`. Nothing in the file is ever executed."""

from __future__ import annotations

import argparse
import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.types import ExplorerError
from explorer.engine.models.pickled import unsafe_names
from explorer.engine.models.unwrap import unwrap

SAVE_STATE = "Save the weights alone, torch.save(model.state_dict(), FILE), and open that file."


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The tensors of a weight file under their names, on the CPU, and what was left out on the way to them."""

    state: dict[str, Tensor]
    notes: tuple[str, ...] = ()


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a weight file under their names, on the CPU. Raises ExplorerError."""
    return read_checkpoint(path).state


def read_checkpoint(path: Path) -> Checkpoint:
    """The same with notes: which wrapper was opened, how many values are not finite. Raises ExplorerError."""
    _look(path)
    is_safe = path.suffix.lower() == ".safetensors"
    held, opened = unwrap(_read_safetensors(path) if is_safe else _read_torch(path), path.name)
    _refuse_odd(held, path.name)
    return Checkpoint(held, (*opened, *not_finite(held)))


def _refuse_odd(state: Mapping[str, Tensor], file: str) -> None:
    """Numbers that would be lost on the way into a model, or are not there at all."""
    for name, tensor in state.items():
        what = "has no values (saved from the meta device)" if tensor.is_meta else ""
        what = "holds complex numbers" if tensor.is_complex() else what
        if what:
            raise ExplorerError(f"{file} cannot be used.", f"{name} {what}.", "Save the weights as real numbers.")


def not_finite(state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """A note when weights hold NaN or infinite values, nothing otherwise."""
    bad: dict[str, int] = {}
    for name, tensor in state.items():
        # Adding up is one pass without a second tensor; only a sum that is not finite is looked at more closely.
        # quantised layers keep more than tensors in their state
        if not isinstance(tensor, Tensor) or tensor.layout != torch.strided or tensor.is_quantized:
            continue
        if tensor.is_floating_point() and tensor.numel() and not torch.isfinite(tensor.sum(dtype=torch.float64)):
            count = tensor.numel() - int(torch.isfinite(tensor.float()).sum())
            if count:
                bad[name] = count
    if not bad:
        return ()
    first = ", ".join(list(bad)[:3]) + (", …" if len(bad) > 3 else "")
    return (f"{sum(bad.values())} values in {len(bad)} of {len(state)} weight tensors are not finite ({first}).",)


def _look(path: Path) -> None:
    """What can be said of a file before it is read."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe would be waited for, without end
            raise ExplorerError(f"{path} is no file.", "It is a pipe or a device.", "Choose a weight file.")
        with open(path, "rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise ExplorerError(f"There is no file {path}.", "", "Check the name, or choose the file again.") from None
    except IsADirectoryError:
        raise ExplorerError(f"{path} is a folder.", "", "Choose the weight file in it.") from None
    except OSError as error:
        raise ExplorerError(
            f"{path} cannot be read.", f"{error.strerror or error}.", "Check its permissions."
        ) from None
    if not head:
        raise ExplorerError(f"{path.name} is empty.", "The file has no content.", "Copy or download it again.")
    if head.startswith(b"version https://git-lfs"):
        why = "It is a pointer that git left in the place of the large file."
        raise ExplorerError(f"{path.name} holds no weights.", why, "Run “git lfs pull” where it comes from.")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        why = "It is a web page, probably saved in the place of the file."
        raise ExplorerError(f"{path.name} holds no weights.", why, "Download the file itself.")


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path, device="cpu")
    except (SafetensorError, ValueError, OSError) as error:
        raise _damaged(path, str(error)) from None


def _read_torch(path: Path) -> Any:
    is_zip = zipfile.is_zipfile(path)
    if is_zip:
        _refuse_programs(path)
    # What training scripts commonly store beside the weights; building these runs no code of the file.
    harmless: list[Any] = [
        argparse.Namespace,
        np.dtype,
        np.ndarray,
        *_numpy_makers(),
        *map(type, map(np.dtype, "?bhilqefd")),
    ]
    try:
        with torch.serialization.safe_globals(harmless), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the pickle protocol: what cannot be read fails below
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError:
        raise _refused(path) from None
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise _damaged(path, str(error)) from None
    except (TypeError, AttributeError, AssertionError, struct.error, UnicodeError, MemoryError, OverflowError) as error:
        # A broken pickle stream makes the reader trip in as many ways as there are bytes.
        raise _damaged(path, f"{type(error).__name__}: {error}") from None


def _numpy_makers() -> list[Any]:
    from numpy._core.multiarray import _reconstruct, scalar

    # Files written with numpy 1 name the old module.
    old = [(_reconstruct, "numpy.core.multiarray._reconstruct"), (scalar, "numpy.core.multiarray.scalar")]
    return [_reconstruct, scalar, *old]


def _refuse_programs(path: Path) -> None:
    """TorchScript and exported programs are archives like checkpoints, with a program inside."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    inside = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inside and any(name.startswith("code/") for name in inside):
        raise ExplorerError(f"{path.name} is a TorchScript program, not a file of weights.", "", SAVE_STATE)
    if "archive_format" in inside and not any(name == "data.pkl" for name in inside):
        raise ExplorerError(f"{path.name} is an exported program (pt2), not a file of weights.", "", SAVE_STATE)


def _refused(path: Path) -> ExplorerError:
    names = unsafe_names(path)
    if not names:
        return _damaged(path, "")
    listed = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
    # Only a module saved as a whole names layer classes; optimisers and settings do not.
    if any(name.startswith("torch.nn.modules.") for name in names):
        what = f"{path.name} holds a whole model as Python objects, not only its weights."
    else:
        what = f"{path.name} holds Python objects besides weights."
    return ExplorerError(what, f"Reading {listed} could run code from the file, so it was not opened.", SAVE_STATE)


def _damaged(path: Path, reason: str) -> ExplorerError:
    """`reason` is the reader's own word, "" when it says nothing."""
    first = reason.strip().splitlines()[0][:160].rstrip(".") if reason.strip() else ""
    if path.suffix.lower() != ".safetensors" and _breaks_off(path):
        why = "it breaks off before its end"
    elif not first or "weights_only" in first or "mmap" in first:
        # torch's own text would advise to read the file without protection.
        why = "it is no set of named tensors"
    else:
        why = f"the reader says: {first}"
    return ExplorerError(
        f"{path.name} is damaged or no file of weights.",
        f"It has {path.stat().st_size} bytes, and {why}.",
        "Copy or download it again; weights are .safetensors, .pth or .pt files.",
    )


def _breaks_off(path: Path) -> bool:
    """Whether it begins as an archive and lacks the end of one."""
    with open(path, "rb") as file:
        return file.read(2) == b"PK" and not zipfile.is_zipfile(path)

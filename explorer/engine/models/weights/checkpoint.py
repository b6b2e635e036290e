"""Read a file of weights, whatever it is called: safetensors, torch's formats, a pickle of arrays. Nothing in it is ever executed."""

from __future__ import annotations

import mmap
import stat
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.engine.models.weights import formats, names
from explorer.engine.models.weights.archive import INFLATED, Archive
from explorer.engine.models.weights.inert import Broken, TooMuch
from explorer.engine.models.weights.mapped import Mapped
from explorer.engine.models.weights.pickles import names_in
from explorer.engine.models.weights.plan import TensorPlan
from explorer.engine.models.weights.safetensors_file import is_safetensors, read_safetensors
from explorer.engine.models.weights.torch_file import Behind, TorchFileContent, pickle_in, read_archive, read_pickles
from explorer.engine.models.weights.unwrap import State, planned, unwrap
from explorer.engine.models.weights.whole_module import SavedModule, class_of, modules_of, plans_of, saved_modules

SAVE_STATE = "Save the weights alone, torch.save(model.state_dict(), FILE), and open that file."
MOST = 100_000  # tensors of one model
# Bytes of all tensors for each of the file: views of one memory may share it, but not without end.
SHARED = 4
_PIECE = 1 << 22  # elements that are looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The tensors of a weight file under their names, on the CPU, and what was left out on the way to them."""

    state: State[Tensor]
    notes: tuple[str, ...] = ()
    tree: tuple[tuple[str, str], ...] = ()  # (path, class) of the modules, where a whole model was saved


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a weight file under their names, on the CPU. Raises ExplorerError."""
    return read_checkpoint(path).state


def read_checkpoint(path: Path, check: bool = True, objects: bool = False) -> Checkpoint:
    """The same with notes: which wrapper was opened, what was left out, how many values are not finite. Raises ExplorerError;
    as WholeModelError for a module that was saved as a whole: `objects` reads its weights, and makes nothing else of it.

    Without `check` values are not looked at, so that of a file with plain tensors only what is used is read from disk.
    """
    head = _look(path)
    try:
        with open(path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        held = _read(path, head, data)
        whole = saved_modules(held.value) if objects else ()
        plans: dict[str, TensorPlan]
        if whole:
            plans, notes = State(plans_of(whole[0], held.shelf)), _whole_notes(whole)
        else:
            plans, notes = unwrap(planned(held.value, held.shelf), path.name, held.names)
        state = _made(plans, path.name, len(data))
    except Broken as error:
        raise _damaged(path, names.shown(str(error), 200)) from None
    except TooMuch as error:
        raise _bomb(path, names.shown(str(error), 200)) from None
    except (OSError, MemoryError, RuntimeError) as error:  # the file cannot be mapped, or there is no room for it
        raise ExplorerError(
            f"{path.name} cannot be read.", f"{_first_line(error)}.", "Is there room for it in memory?"
        ) from None
    return Checkpoint(
        state, (*notes, *(() if whole else _inert(held)), *(not_finite(state) if check else ())), _tree(whole)
    )


def is_safe(path: Path) -> bool:
    """Whether a file is one of safetensors, whatever its name. Raises OSError."""
    with open(path, "rb") as file:
        return is_safetensors(file.read(9), path.stat().st_size)


# ---- what the file is


def _read(path: Path, head: bytes, data: memoryview) -> TorchFileContent:
    """What it holds, nothing of it made. Raises Broken, TooMuch, and ExplorerError for files of another kind."""
    mapped = Mapped(path, len(data))
    if is_safetensors(head, len(data)):
        return TorchFileContent(read_safetensors(data, mapped), Behind({}, mapped), ())
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _checked(path, _zip(path, data, mapped))
    other = formats.known(head, path.name)
    if other is not None:
        raise _other(path, other)
    if formats.is_text(head):
        raise Broken("it is text")
    if path.suffix.lower() == ".safetensors" and not head.startswith(b"\x80"):
        raise Broken("its header is damaged")
    try:
        return _checked(path, read_pickles(data, mapped))
    except Broken:
        _refuse_dangerous(path, names_in(data))
        raise


def _zip(path: Path, data: memoryview, mapped: Mapped) -> TorchFileContent:
    archive = Archive(data)
    _refuse_programs(path, archive)
    if not any(name.endswith("data.pkl") for name in archive.entries):
        raise _other(path, formats.of_archive(archive.entries))
    try:
        return read_archive(archive, mapped)
    except Broken:
        _refuse_dangerous(path, names_in(archive.read(pickle_in(archive))))
        raise


def _refuse_programs(path: Path, archive: Archive) -> None:
    """TorchScript and exported programs are archives like checkpoints, with a program inside."""
    inside = {name.partition("/")[2] for name in archive.entries}
    if "constants.pkl" in inside and any(name.startswith("code/") for name in inside):
        todo = f"{formats.EXPORT} Or its weights: torch.save(torch.jit.load(FILE).state_dict(), …)."
        raise ExplorerError(f"{path.name} is a TorchScript program, not a file of weights.", "", todo)
    if "archive_format" in inside and "data.pkl" not in inside:
        todo = f"Open it as a model: pt2:{path}"
        raise ExplorerError(f"{path.name} is an exported program (pt2), not a file of weights.", "", todo)


def _checked(path: Path, held: TorchFileContent) -> TorchFileContent:
    _refuse_dangerous(path, held.names)
    return held


def _refuse_dangerous(path: Path, found: tuple[str, ...]) -> None:
    """Nothing of it would be run here; but who meant to run code on this computer is not to be trusted with numbers."""
    bad = names.dangerous(found)
    if bad:
        why = f"Unrestricted loading could run code ({names.listed(bad)}), so it was not opened."
        raise ExplorerError(f"{path.name} holds Python objects besides weights.", why, SAVE_STATE)


def _look(path: Path) -> bytes:
    """What can be said of a file before it is read, and its beginning."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe would be waited for, without end
            raise ExplorerError(f"{path} is not a file.", "It is a pipe or a device.", "Choose a weight file.")
        with open(path, "rb") as file:
            head = file.read(600)
    except FileNotFoundError:
        raise ExplorerError(f"There is no file {path}.", "", "Check the name, or choose the file again.") from None
    except IsADirectoryError:
        raise _folder(path) from None
    except ValueError:  # a NUL in it
        shown = str(path).replace("\0", "\\0")
        raise ExplorerError(f"There can be no file {shown}.", "Its name holds a NUL.", "Check the name.") from None
    except OSError as error:
        if path.is_dir():  # Windows has no error of its own for it
            raise _folder(path) from None
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
    return head


# ---- from plans to tensors


def _made(plans: dict[str, TensorPlan], file: str, nbytes: int) -> State[Tensor]:
    """Raises Broken, TooMuch, ExplorerError."""
    if len(plans) > MOST:
        raise TooMuch(f"it holds {len(plans):,} tensors")
    wrong = [(name, plan) for name, plan in plans.items() if plan.wrong]
    if wrong:
        name, plan = wrong[0]
        if plan.damaged:
            raise Broken(f"{plan.wrong} ({name[:200]})")
        more = f" ({len(wrong)} tensors are like this.)" if len(wrong) > 1 else ""
        raise ExplorerError(
            f"{file} cannot be used.", f"{names.shown(name)}: {names.shown(plan.wrong, 200)}.{more}", _NUMBERS
        )
    once = {(plan.same, plan.shape): plan.nbytes for plan in plans.values()}
    if sum(once.values()) > INFLATED + SHARED * nbytes:
        raise TooMuch(f"it describes {byte_words(sum(once.values()))} of numbers in {byte_words(nbytes)}")
    made: dict[int, Tensor] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about sparse and quantised tensors, for the author of the file
        for plan in plans.values():
            if id(plan) not in made:
                made[id(plan)] = plan.make()
    versions = getattr(plans, "_metadata", None)
    return State({name: made[id(plan)] for name, plan in plans.items()}, versions)


_NUMBERS = "Save the weights as float32, float16 or bfloat16."


def not_finite(state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """A note when weights hold NaN or infinite values, nothing otherwise."""
    bad = {name: count for name, tensor in state.items() if (count := _not_finite(tensor))}
    if not bad:
        return ()
    first = names.listed(tuple(bad), 3)
    return (f"{sum(bad.values())} values in {len(bad)} of {len(state)} weight tensors are not finite ({first}).",)


def _not_finite(tensor: Tensor) -> int:
    # quantised layers keep more than tensors in their state
    if not isinstance(tensor, Tensor) or tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
        return 0
    if not tensor.is_floating_point() and not tensor.is_complex():
        return 0
    flat = torch.view_as_real(tensor.detach().resolve_conj()) if tensor.is_complex() else tensor.detach()
    count = 0
    # In pieces: another precision is a second tensor.
    for piece in torch.split(flat.reshape(-1), _PIECE):
        piece = piece if piece.dtype in (torch.float32, torch.float64) else piece.float()
        if not torch.isfinite(piece.sum(dtype=torch.float64)):
            count += piece.numel() - int(torch.isfinite(piece).sum())
    return count


def _tree(whole: tuple[SavedModule, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((path, class_of(call)) for path, call in modules_of(whole[0])) if whole else ()


# ---- words


def _whole_notes(found: tuple[SavedModule, ...]) -> tuple[str, ...]:
    where = f" (“{names.shown(found[0].key)}”)" if found[0].key else ""
    kind = names.shown(found[0].kind) or "unknown class"
    more = f" Not used: {names.listed(tuple(each.key for each in found[1:]))}." if found[1:] else ""
    return (f"Weights of a whole model of the class {kind}{where}, which was not made.{more}",)


def _inert(held: TorchFileContent) -> tuple[str, ...]:
    found = names.strange(held.names)
    if not found:
        return ()
    return (f"Beside the weights the file names Python objects, which were not made: {names.listed(found)}.",)


def _other(path: Path, what: formats.Format) -> ExplorerError:
    return ExplorerError(f"{path.name} is {names.shown(what.name)}, not a file of weights.", "", what.todo)


def _folder(path: Path) -> ExplorerError:
    what = formats.of_folder(path)
    if what is not None:
        return ExplorerError(f"{path.name} is {what.name}, not a file of weights.", "", what.todo)
    return ExplorerError(f"{path} is a folder.", "", "Choose the weight file in it.")


def _bomb(path: Path, why: str) -> ExplorerError:
    todo = "Open the file that it was made from, or save the weights alone again."
    return ExplorerError(f"{path.name} is larger inside than a file of weights can be.", f"{_capital(why)}.", todo)


def _damaged(path: Path, why: str) -> ExplorerError:
    return ExplorerError(
        f"{path.name} is damaged or no file of weights.",
        f"It has {path.stat().st_size} bytes, and {why}.",
        "Copy or download it again; weights are .safetensors, .pth or .pt files.",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip(".")

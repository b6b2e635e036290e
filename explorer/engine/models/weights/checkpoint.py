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
from explorer.core.translation import tr
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

SAVE_STATE = tr("Save the weights alone, torch.save(model.state_dict(), FILE), and open that file.")
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
    head = first_bytes(path)
    try:
        with open(path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        held = _read(path, head, data)
        whole: tuple[SavedModule, ...] = ()
        plans: dict[str, TensorPlan]
        try:
            plans, notes = unwrap(planned(held.value, held.shelf), path.name, held.names)
        except ExplorerError:  # where there is a set of tensors, a module beside it is only a setting
            whole = saved_modules(held.value) if objects else ()
            if not whole:
                raise
            plans, notes = State(plans_of(whole[0], held.shelf)), _whole_notes(whole)
        state = made_of(plans, path.name, len(data))
    except Broken as error:
        raise _damaged(path, names.shown(str(error), 200)) from None
    except TooMuch as error:
        raise _bomb(path, names.shown(str(error), 200)) from None
    except (OSError, MemoryError, RuntimeError) as error:  # the file cannot be mapped, or there is no room for it
        raise ExplorerError(
            tr("{path} cannot be read.", path=path.name),
            f"{_first_line(error)}.",
            tr("Is there room for it in memory?"),
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
        raise Broken(tr("it is text"))
    if path.suffix.lower() == ".safetensors" and not head.startswith(b"\x80"):
        raise Broken(tr("its header is damaged"))
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
        todo = tr("{export} Or its weights: torch.save(torch.jit.load(FILE).state_dict(), …).", export=formats.EXPORT)
        raise ExplorerError(tr("{path} is a TorchScript program, not a file of weights.", path=path.name), "", todo)
    if "archive_format" in inside and "data.pkl" not in inside:
        todo = tr("Open it as a model: pt2:{path}", path=path)
        raise ExplorerError(tr("{path} is an exported program (pt2), not a file of weights.", path=path.name), "", todo)


def _checked(path: Path, held: TorchFileContent) -> TorchFileContent:
    _refuse_dangerous(path, held.names)
    return held


def _refuse_dangerous(path: Path, found: tuple[str, ...]) -> None:
    """Nothing of it would be run here; but who meant to run code on this computer is not to be trusted with numbers."""
    bad = names.dangerous(found)
    if bad:
        why = tr("Unrestricted loading could run code ({listed}), so it was not opened.", listed=names.listed(bad))
        raise ExplorerError(tr("{path} holds Python objects besides weights.", path=path.name), why, SAVE_STATE)


def first_bytes(path: Path) -> bytes:
    """The beginning of a file. Raises ExplorerError with what can be said of it before it is read."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe would be waited for, without end
            raise ExplorerError(
                tr("{path} is not a file.", path=path), tr("It is a pipe or a device."), tr("Choose a weight file.")
            )
        with open(path, "rb") as file:
            head = file.read(600)
    except FileNotFoundError:
        raise ExplorerError(
            tr("There is no file {path}.", path=path), "", tr("Check the name, or choose the file again.")
        ) from None
    except IsADirectoryError:
        raise _folder(path) from None
    except ValueError:  # a NUL in it
        shown = str(path).replace("\0", "\\0")
        raise ExplorerError(
            tr("There can be no file {shown}.", shown=shown), tr("Its name holds a NUL."), tr("Check the name.")
        ) from None
    except OSError as error:
        if path.is_dir():  # Windows has no error of its own for it
            raise _folder(path) from None
        raise ExplorerError(
            tr("{path} cannot be read.", path=path), f"{error.strerror or error}.", tr("Check its permissions.")
        ) from None
    if not head:
        raise ExplorerError(
            tr("{path} is empty.", path=path.name), tr("The file has no content."), tr("Copy or download it again.")
        )
    if head.startswith(b"version https://git-lfs"):
        why = tr("It is a pointer that git left in the place of the large file.")
        raise ExplorerError(
            tr("{path} holds no weights.", path=path.name), why, tr("Run “git lfs pull” where it comes from.")
        )
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        why = tr("It is a web page, probably saved in the place of the file.")
        raise ExplorerError(tr("{path} holds no weights.", path=path.name), why, tr("Download the file itself."))
    return head


# ---- from plans to tensors


def made_of(plans: dict[str, TensorPlan], file: str, nbytes: int) -> State[Tensor]:
    """The tensors of a file of `nbytes`; a plan under two names is one tensor. Raises Broken, TooMuch, ExplorerError."""
    if len(plans) > MOST:
        raise TooMuch(tr("it holds {count:,} tensors", count=len(plans)))
    wrong = [(name, plan) for name, plan in plans.items() if plan.wrong]
    if wrong:
        name, plan = wrong[0]
        if plan.damaged:
            raise Broken(f"{plan.wrong} ({name[:200]})")
        more = tr(" ({count} tensors are like this.)", count=len(wrong)) if len(wrong) > 1 else ""
        raise ExplorerError(
            tr("{file} cannot be used.", file=file),
            f"{names.shown(name)}: {names.shown(plan.wrong, 200)}.{more}",
            _NUMBERS,
        )
    once = {(plan.same, plan.shape): plan.nbytes for plan in plans.values()}
    if sum(once.values()) > INFLATED + SHARED * nbytes:
        raise TooMuch(
            tr(
                "it describes {byte_words} of numbers in {byte_words2}",
                byte_words=byte_words(sum(once.values())),
                byte_words2=byte_words(nbytes),
            )
        )
    made: dict[int, Tensor] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about sparse and quantised tensors, for the author of the file
        for plan in plans.values():
            if id(plan) not in made:
                made[id(plan)] = plan.make()
    versions = getattr(plans, "_metadata", None)
    return State({name: made[id(plan)] for name, plan in plans.items()}, versions)


_NUMBERS = tr("Save the weights as float32, float16 or bfloat16.")


def not_finite(state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """A note when weights hold NaN or infinite values, nothing otherwise."""
    bad = {name: count for name, tensor in state.items() if (count := _not_finite(tensor))}
    if not bad:
        return ()
    first = names.listed(tuple(bad), 3)
    return (
        tr(
            "{sum} values in {count} of {count2} weight tensors are not finite ({first}).",
            sum=sum(bad.values()),
            count=len(bad),
            count2=len(state),
            first=first,
        ),
    )


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
    return tuple((path, names.shown(class_of(call))) for path, call in modules_of(whole[0])) if whole else ()


# ---- words


def _whole_notes(found: tuple[SavedModule, ...]) -> tuple[str, ...]:
    where = f" (“{names.shown(found[0].key)}”)" if found[0].key else ""
    kind = names.shown(found[0].kind) or tr("unknown class")
    more = tr(" Not used: {listed}.", listed=names.listed(tuple(each.key for each in found[1:]))) if found[1:] else ""
    return (
        tr(
            "Weights of a whole model of the class {kind}{where}, which was not made.{more}",
            kind=kind,
            where=where,
            more=more,
        ),
    )


def _inert(held: TorchFileContent) -> tuple[str, ...]:
    found = names.strange(held.names)
    if not found:
        return ()
    return (
        tr(
            "Beside the weights the file names Python objects, which were not made: {listed}.",
            listed=names.listed(found),
        ),
    )


def _other(path: Path, what: formats.Format) -> ExplorerError:
    return ExplorerError(
        tr("{path} is {shown}, not a file of weights.", path=path.name, shown=names.shown(what.name)), "", what.todo
    )


def _folder(path: Path) -> ExplorerError:
    what = formats.of_folder(path)
    if what is not None:
        return ExplorerError(
            tr("{path} is {what}, not a file of weights.", path=path.name, what=what.name), "", what.todo
        )
    return ExplorerError(tr("{path} is a folder.", path=path), "", tr("Choose the weight file in it."))


def _bomb(path: Path, why: str) -> ExplorerError:
    todo = tr("Open the file that it was made from, or save the weights alone again.")
    return ExplorerError(
        tr("{path} is larger inside than a file of weights can be.", path=path.name), f"{_capital(why)}.", todo
    )


def _damaged(path: Path, why: str) -> ExplorerError:
    return ExplorerError(
        tr("{path} is damaged or no file of weights.", path=path.name),
        tr("It has {st_size} bytes, and {why}.", st_size=path.stat().st_size, why=why),
        tr("Copy or download it again; weights are .safetensors, .pth or .pt files."),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip(".")

"""A file of weights beside the architectures that it may belong to: proposed by sketches, then really built and filled."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.weight_matches import ArchitectureFit, WeightMatch
from explorer.engine.models import extras, hf_folder, hf_models, timm_models, timm_source, torchvision_source
from explorer.engine.models.matching import architecture_table
from explorer.engine.models.matching.shapes_only import without_values
from explorer.engine.models.matching.sketch import COUNTER
from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.load_state import Fitted, WeightsMismatch

TRIED = 8  # architectures of each library that are built
LISTED = 8  # that are told
NEAR = 0.2  # share of its tensors from which an architecture that does not open is told
Say = Callable[[str, float | None], None]


def match_file(path: Path, say: Say = lambda _text, _fraction: None) -> WeightMatch:
    """The architectures of torchvision, of timm where it is installed, and of a config.json beside the file, that the tensors fit.

    Raises ExplorerError where the file cannot be read.
    """
    say(tr("Reading {path}", path=path.name), None)
    state = read_checkpoint(path, check=False).state
    table = architecture_table.shipped()
    sources = ["torchvision", *([] if extras.TIMM.way else ["timm"])]
    proposed = [name for source in sources for name in architecture_table.nearest(table, state, [source], TRIED)]
    proposed = [name for name in proposed if name.startswith("timm:") or name.partition(":")[2] in OFFICIAL]
    found = list(_beside(path, state))
    for at, name in enumerate(proposed):
        say(tr("Comparing {path} with {name}", path=path.name, name=name.partition(":")[2]), at / len(proposed))
        fit = fit_of(name, state, path)
        found += [fit] if fit is not None and fit.expected else []
    covers = ("torchvision", *(extra.package for extra in (extras.TIMM, extras.HF) if not extra.way))
    near = [fit for fit in _sorted(found, path.name) if fit.opens or fit.fits >= NEAR * fit.expected]
    return WeightMatch(path.name, len(state), tuple(near[:LISTED]), covers)


def fit_of(model_id: str, state: dict[str, Tensor], path: Path) -> ArchitectureFit | None:
    """One architecture of torchvision or timm: filled with the tensors exactly as opening it does, but without values.

    None where the installed library cannot build it.
    """
    source, _, name = model_id.partition(":")
    if source == "timm":
        try:
            name = timm_models.check_name(name)
        except ExplorerError:  # another version of timm
            return None
        model_id = f"timm:{name}"

    def make() -> tuple[nn.Module, Fitted]:
        if source == "timm":
            module, _, done = timm_source.fitted_module(timm_models.recipe(name), state, path, None)
        else:
            module, _, done = torchvision_source.fitted_module(name, state, path)
        return module, done

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch: values that are copied to the meta device are gone
            module, done = without_values(make)
    except WeightsMismatch as error:
        return _misfit(model_id, error)
    except ExplorerError as error:
        return ArchitectureFit(model_id, 0, 0, str(error))
    names = _names(module)
    lacking = [key for key in names if key.rpartition(".")[0] in done.untrained]
    return ArchitectureFit(model_id, len(names) - len(lacking), len(names), notes=done.notes)


def _misfit(model_id: str, error: WeightsMismatch) -> ArchitectureFit:
    names = architecture_table.built(model_id)
    expected = sum(not name.endswith(COUNTER) for name in names)
    lacking = len(error.mismatch.missing) + len(error.mismatch.shapes)
    return ArchitectureFit(model_id, max(expected - lacking, 0), expected, error.why, error.mismatch.whole)


def _names(module: nn.Module) -> list[str]:
    return [name for name in module.state_dict() if not name.endswith(COUNTER)]


def _beside(path: Path, state: dict[str, Tensor]) -> Iterator[ArchitectureFit]:
    """What a config.json of transformers in the same folder describes."""
    if extras.HF.way or not (path.parent / hf_folder.CONFIG).is_file():
        return
    model_id = f"hf:{path.parent.absolute()}"
    try:
        folder = hf_folder.read(path.parent)
        made = hf_models.trained(folder, hf_models.plan(folder), state, path.name)
    except WeightsMismatch as error:
        lacking = len(error.mismatch.missing) + len(error.mismatch.shapes)
        yield ArchitectureFit(model_id, max(len(state) - lacking, 0), len(state), error.why, error.mismatch.whole)
    except ExplorerError as error:
        yield ArchitectureFit(model_id, 0, len(state), str(error))
    else:
        names = _names(made.module)
        yield ArchitectureFit(model_id, len(names), len(names), notes=made.notes)


def _sorted(found: list[ArchitectureFit], file: str) -> list[ArchitectureFit]:
    """Those that open come first, then by the share that fits; of equals the one that the file is named after, then torchvision's."""
    stem = file.lower()

    def rank(fit: ArchitectureFit) -> tuple[object, ...]:
        name = fit.id.partition(":")[2].lower()
        named = len(name) if stem.startswith(name) else 0
        share = fit.fits / max(fit.expected, 1)
        beside = fit.id.startswith("hf:")
        return not fit.opens, not beside, -share, len(fit.notes), -named, fit.id.startswith("timm:"), len(name), name

    return sorted(found, key=rank)

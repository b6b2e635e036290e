"""Open one of timm's models: with the person's weights, with weights that are found or downloaded, or untrained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import AssumedNote, ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.core.system.paths import download_dir
from explorer.core.translation import ntr, tr
from explorer.engine.models import timm_models as zoo
from explorer.engine.models import timm_names
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.module_state import parameter_count, seeded, state_digest
from explorer.engine.models.positions import picture_size
from explorer.engine.models.timm_models import TimmRecipe, TimmShape
from explorer.engine.models.weights import hub, hub_requests
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.download import download
from explorer.engine.models.weights.load_state import Fitted, class_count, load_into
from explorer.engine.models.weights.locate import search, sha256_of
from explorer.engine.models.weights.prefixes import match_names


class TimmSource:
    """`timm:ARCHITECTURE` or `timm:ARCHITECTURE.TAG`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        opening.say(tr("Importing timm"))
        recipe = zoo.recipe(zoo.check_name(name))
        if spec.weights:
            return _from_file(recipe, spec, Path(spec.weights).expanduser(), opening)
        if spec.untrained:
            return _untrained(recipe, spec, opening)
        opening.say(tr("Looking for weights of {recipe}", recipe=recipe.name))
        found = timm_names.find(recipe.name, recipe.repo)
        if found is not None:
            return _from_file(recipe, spec, found, opening, own=True)
        if opening.allow_download:
            return _from_file(recipe, spec, fetch(recipe.name, opening), opening, own=True)
        raise no_weights(recipe)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return timm_names.entries()


def no_weights(recipe: TimmRecipe) -> ExplorerError:
    """Where it was looked, and the ways out."""
    result = search(recipe.name)
    looked = tr("Looked in {list}.", list=", ".join(str(folder) for folder in (*result.looked, hub.cache())))
    damaged = tr(" Passed over {list}.", list="; ".join(result.rejected)) if result.rejected else ""
    known = recipe.repo or recipe.url
    put = tr(
        "put {recipe}.safetensors into {download_dir}",
        recipe=recipe.name,
        download_dir=download_dir() or result.looked[0],
    )
    ways = tr(
        "Give a weight file (--weights FILE), {put}{download_does_that}, ",
        put=put,
        download_does_that=tr(" (--download does that)") if known else "",
    )
    return ExplorerError(
        tr("There are no weights for {recipe} here.", recipe=recipe.name),
        looked + damaged,
        tr("{ways}or open it untrained (--untrained).", ways=ways),
    )


def fetch(name: str, opening: OpenRequest) -> Path:
    """The published weights of a model in the download folder, under its full name. Raises ExplorerError, Cancelled."""
    recipe = zoo.recipe(zoo.check_name(name))
    folder = hub.target()
    if recipe.repo:
        for file in (recipe.file,) if recipe.file else timm_names.FILES:
            opening.say(tr("Asking for {repo}", repo=recipe.repo))
            remote = hub_requests.look(recipe.repo, file)
            if remote is not None:
                return hub_requests.fetch(remote, folder, opening, recipe.name + _suffix(file))
    elif recipe.url.endswith((".pth", ".pt", ".safetensors")):
        opening.say(tr("Downloading {recipe}", recipe=recipe.name))
        return download(recipe.url, folder, cancelled=opening.cancelled)
    what = tr("The weights of {recipe} cannot be downloaded.", recipe=recipe.name)
    raise ExplorerError(
        what, tr("They were never published, or in a form that is not read here."), tr("Open it untrained.")
    )


def _suffix(file: str) -> str:
    # torch's format is known by its content; a name ending in .bin would not be found again
    return ".safetensors" if file.endswith(".safetensors") else ".pth"


def _untrained(recipe: TimmRecipe, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    opening.say(tr("Building {recipe}", recipe=recipe.name))
    wanted = of_pictures(spec.preprocess or recipe.preprocess)
    shape = TimmShape(channels=wanted.channels)
    if zoo.takes(recipe.architecture, shape, wanted.channels, wanted.height, wanted.width):
        # without weights, what is made for one size may as well be made for the one that is asked for
        sized = replace(shape, size=(wanted.height, wanted.width))
        shape = sized if not zoo.takes(recipe.architecture, sized, wanted.channels, *sized.size or ()) else shape
    module = seeded(lambda: zoo.build(recipe.name, shape), spec.seed)
    weights = WeightsInfo(False, sha256=state_digest(module), seed=spec.seed, note=tr("initial values, nothing learnt"))
    return _finish(recipe, spec, module, shape, _TimmTraits(weights, wanted, zoo.labels(recipe.classes), recipe.notes))


@dataclass(frozen=True, slots=True)
class _TimmTraits:
    weights: WeightsInfo
    preprocess: Preprocess
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()
    head_trained: bool = True


def _from_file(recipe: TimmRecipe, spec: ModelSpec, path: Path, opening: OpenRequest, own: bool = False) -> LoadedModel:
    """`own`: the file was found under the full name, so that what timm knows of these weights holds."""
    opening.say(tr("Reading {path}", path=path.name))
    checkpoint = read_checkpoint(path)
    opening.say(tr("Building {recipe}", recipe=recipe.name))
    module, shape, fitted = fitted_module(recipe, checkpoint.state, path, _asked_size(spec))
    opening.say(tr("Preparing {recipe}", recipe=recipe.name))
    about = _about(recipe, path, shape, own)
    notes = (*checkpoint.notes, *fitted.notes, *about.notes)
    return _finish(recipe, spec, module, shape, replace(about, notes=notes, head_trained=not fitted.untrained))


def _asked_size(spec: ModelSpec) -> tuple[int, int] | None:
    if spec.size is not None or spec.preprocess is None:
        return spec.size
    wanted = of_pictures(spec.preprocess)
    return wanted.height, wanted.width


def fitted_module(
    recipe: TimmRecipe, given: dict[str, Tensor], path: Path, asked: tuple[int, int] | None
) -> tuple[nn.Module, TimmShape, Fitted]:
    """The module with the weights in it, what was adapted to them, what was done to make them fit."""
    plan = _empty(recipe)
    state, notes = _named(plan, given)
    found = picture_size(plan, state, asked, path.name)
    notes += (found.note,) if found.note else ()
    shape = _shape_of(plan, state, recipe, found.size)
    module = seeded(lambda: zoo.build(recipe.name, shape), 0)
    adapted = [
        f"{value} {what}"
        for value, what in ((shape.classes, "classes"), (shape.channels, "input channels"))
        if value is not None
    ]
    if shape.size is not None:
        adapted.append(tr("positions for {size} × {size2} pixels", size=shape.size[0], size2=shape.size[1]))
    notes += (tr("Built with {list}, as the weights have it.", list=tr(" and ").join(adapted)),) if adapted else ()
    fitted = load_into(module, state, path.name, recipe.name)
    return module, shape, replace(fitted, notes=(*notes, *fitted.notes))


def _empty(recipe: TimmRecipe) -> nn.Module:
    """The module with shapes and without values, where it can be built so."""
    try:
        with torch.device("meta"):
            return seeded(lambda: zoo.build(recipe.name), 0)
    except (NotImplementedError, ExplorerError):
        return seeded(lambda: zoo.build(recipe.name), 0)


def _named(plan: nn.Module, given: dict[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The state under this module's names, converted by timm's rule only where it does not fit as it is."""
    expected = plan.state_dict().keys()
    state, notes = match_names(given, expected)
    if expected == state.keys():
        return state, notes
    made = zoo.converted(plan, state)
    if made is None or len(expected & made.keys()) <= len(expected & state.keys()):
        return state, notes
    return made, (*notes, tr("Names converted from the original authors' file, by timm's rule for this architecture."))


def _shape_of(
    plan: nn.Module, state: Mapping[str, Tensor], recipe: TimmRecipe, size: tuple[int, int] | None
) -> TimmShape:
    """Where the weights differ from the usual: number of classes, input channels, size of the pictures."""
    first, usual = _first(plan)
    given = int(state[first].shape[1]) if first in state and state[first].ndim == 4 else usual
    channels = _channels(given, usual, recipe.preprocess.channels)
    classes = _classes(plan, state, recipe.classes, {first, "pos_embed"})
    return TimmShape(None if classes == recipe.classes else classes, channels, size)


def _channels(given: int, usual: int, taken: int) -> int | None:
    """Channels of the pictures for a first layer of `given` channels, None: as ever. It may see every picture's channel several
    times, as blocks of pixels (TResNet: 48 for 3)."""
    if given == usual or not usual or given * taken % usual:
        return None
    return given * taken // usual


def _classes(plan: nn.Module, state: Mapping[str, Tensor], usual: int, differ: set[str]) -> int:
    """Number of classes in the weights; 0 where they were trained without a last layer."""
    head = getattr(plan, "pretrained_cfg", {}).get("classifier")
    if not isinstance(head, str):
        return class_count({name: value for name, value in state.items() if name not in differ}, plan, usual)
    weight = state.get(f"{head}.weight")
    return int(weight.shape[0]) if weight is not None and weight.ndim else 0


def _first(module: nn.Module) -> tuple[str, int]:
    """(name of the first convolution's weight, its number of channels); ("", 0) for one that begins otherwise."""
    for path, layer in module.named_modules():
        if isinstance(layer, nn.Conv2d):
            return f"{path}.weight", layer.in_channels
    return "", 0


def _about(recipe: TimmRecipe, path: Path, shape: TimmShape, own: bool) -> _TimmTraits:
    preprocess, notes = recipe.preprocess, list(recipe.notes)
    if shape.size is not None:
        preprocess = replace(preprocess, height=shape.size[0], width=shape.size[1], resize=min(shape.size))
    if shape.channels is not None:
        half = (0.5,) * shape.channels
        preprocess = replace(preprocess, channels=shape.channels, mean=half, std=half)
    if not own:
        assumed = tr("Preprocessing assumed: that of {name}; it can be changed.", name=recipe.name)
        notes.append(AssumedNote(assumed, tr("preprocessing")))
    classes = recipe.classes if shape.classes is None else shape.classes
    labels, said = labels_beside(path, classes or None)
    if not labels:
        labels = zoo.labels(classes)
        if labels and not own:
            file = f"{path.stem}.labels.txt"
            assumed = tr(
                "Labels assumed: the classes of ImageNet; a file {file} beside the weights names others.", file=file
            )
            notes.append(AssumedNote(assumed, tr("labels")))
    note = tr("timm {recipe}", recipe=recipe.name) if own else ""
    return _TimmTraits(WeightsInfo(True, str(path), sha256_of(path), note=note), preprocess, labels, (*notes, *said))


def _finish(
    recipe: TimmRecipe, spec: ModelSpec, module: nn.Module, shape: TimmShape, about: _TimmTraits
) -> LoadedModel:
    preprocess = of_pictures(spec.preprocess or about.preprocess)
    _check_input(recipe, shape, preprocess)
    classes = recipe.classes if shape.classes is None else shape.classes
    scores = classes > 0 and (recipe.classifier or shape.classes is not None)
    says = tr("{architecture} of timm.", architecture=recipe.architecture)
    if not scores:
        says += tr(" Its output describes the picture: there are no classes to predict.")
    card = ModelCard(
        spec=spec,
        name=recipe.name,
        source="timm",
        weights=about.weights,
        preprocess=preprocess,
        labels=about.labels if scores else (),
        parameters=parameter_count(module),
        description=says,
        notes=about.notes,
        classifies=scores,
        head_trained=about.head_trained,
    )
    return LoadedModel(module.eval(), card, pure=True)


def _check_input(recipe: TimmRecipe, shape: TimmShape, preprocess: Preprocess) -> None:
    """Refuse now what would make every forward fail."""
    channels = shape.channels or recipe.preprocess.channels
    if channels != preprocess.channels:
        what = tr(
            "{recipe} with these weights cannot take {channels} channels.",
            recipe=recipe.name,
            channels=preprocess.channels,
        )
        raise ExplorerError(
            what,
            tr("Its first layer has {channels}.", channels=channels),
            tr("Use {channels}, or open it untrained.", channels=channels),
        )
    native = shape.size or (recipe.preprocess.height, recipe.preprocess.width)
    size = preprocess.height, preprocess.width
    usual = size == native and channels == recipe.preprocess.channels
    reason = "" if usual else zoo.takes(recipe.architecture, shape, channels, *size)
    if reason and not zoo.takes(recipe.architecture, shape, channels, *native):
        what = tr("{recipe} cannot take {size} × {size2} pixels.", recipe=recipe.name, size=size[0], size2=size[1])
        raise ExplorerError(
            what, f"{reason}.", tr("Its own size is {native} × {native2}.", native=native[0], native2=native[1])
        )
    if reason:
        what = ntr(
            "{recipe} cannot take {channels} channel.",
            "{recipe} cannot take {channels} channels.",
            channels,
            recipe=recipe.name,
            channels=channels,
        )
        raise ExplorerError(
            what, f"{reason}.", tr("Its own number is {channels}.", channels=recipe.preprocess.channels)
        )

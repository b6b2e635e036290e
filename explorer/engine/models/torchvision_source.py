"""Open one of torchvision's models: with the person's weights, with weights that are found or downloaded, or untrained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor, nn

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.models import AssumedNote, ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.core.system.paths import download_dir
from explorer.core.translation import msgid, tr
from explorer.engine.models import torchvision_models as zoo
from explorer.engine.models.arguments import as_clip, give, nothing
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.model_menu import torchvision_entries
from explorer.engine.models.module_state import parameter_count, seeded, state_digest
from explorer.engine.models.torchvision_tasks import files_of, task_of, title_of
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.download import download
from explorer.engine.models.weights.load_state import Fitted, class_count, load_into
from explorer.engine.models.weights.locate import Search, hash_in_name, search, sha256_of
from explorer.engine.models.weights.prefixes import match_names
from explorer.engine.models.weights.unwrap import State


class TorchvisionSource:
    """`torchvision:NAME`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        name = name.lower()
        zoo.check_name(name)
        if zoo.is_quantised(name) and not spec.untrained:
            raise ExplorerError(
                tr("{name} opens untrained only.", name=name),
                tr("Files of quantised weights are packed in a way that is not read."),
                tr("Use --untrained, or a Python file that loads them: file:net.py:make_model."),
            )
        if spec.weights:
            return _from_file(name, spec, Path(spec.weights).expanduser(), opening)
        if spec.untrained:
            return _untrained(name, spec, opening)
        opening.say(tr("Looking for weights of {name}", name=name))
        result = search(name)
        if result.found is not None:
            loaded = _from_file(name, spec, result.found.path, opening)
            notes = (*loaded.card.notes, *(tr("Passed over {text}", text=text) for text in result.rejected))
            return replace(loaded, card=replace(loaded.card, notes=notes))
        if opening.allow_download:
            return _from_file(name, spec, fetch(name, opening), opening)
        raise no_weights(name, result)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return torchvision_entries()


def no_weights(name: str, result: Search) -> ExplorerError:
    """Where it was looked, and the three ways out."""
    files = tr(" or ").join((files_of(name)[0], f"{name}.safetensors", f"{name}.pth"))
    looked = tr("Looked in {list}.", list=", ".join(str(folder) for folder in result.looked))
    damaged = tr(" Passed over {list}.", list="; ".join(result.rejected)) if result.rejected else ""
    folder = download_dir() or result.looked[0]
    todo = tr(
        "Give a weight file (--weights FILE), put {files} into {folder} (a download does that), or "
        "open it untrained (--untrained).",
        files=files,
        folder=folder,
    )
    return ExplorerError(tr("There are no weights for {name} here.", name=name), looked + damaged, todo)


def fetch(name: str, opening: OpenRequest) -> Path:
    """The official weights of a model in the download folder, fetched unless they are there. Raises ExplorerError, Cancelled."""
    name = name.lower()
    zoo.check_name(name)
    folder = download_dir()
    if folder is None:
        raise ExplorerError(
            tr("There is no folder to put weights into."), "", tr("Name one that you may write to in FME_WEIGHTS.")
        )
    recipe = zoo.recipes(name)[0]

    def report(done: int, total: int | None) -> None:
        size = (
            tr("{byte_words} of {byte_words2}", byte_words=byte_words(done), byte_words2=byte_words(total))
            if total
            else byte_words(done)
        )
        opening.say(tr("Downloading {file}: {size}", file=recipe.file, size=size), done / total if total else None)

    return download(recipe.url, folder, progress=report, cancelled=opening.cancelled)


def _untrained(name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    opening.say(tr("Building {name}", name=name))
    recipe = zoo.standard(name)
    wanted = of_pictures(spec.preprocess or recipe.preprocess)
    # A vision transformer takes one size only, and without weights it may as well be the one asked for.
    shape = zoo.TorchvisionShape(zoo.usual_classes(name), wanted.height, wanted.channels)
    module = seeded(lambda: zoo.build(name, shape), spec.seed)
    weights = WeightsInfo(False, sha256=state_digest(module), seed=spec.seed, note=tr("initial values, nothing learnt"))
    return _finish(name, spec, module, _TorchvisionTraits(weights, wanted, recipe.labels))


@dataclass(frozen=True, slots=True)
class _TorchvisionTraits:
    weights: WeightsInfo
    preprocess: Preprocess
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()
    description: str = ""
    head_trained: bool = True


def _from_file(name: str, spec: ModelSpec, path: Path, opening: OpenRequest) -> LoadedModel:
    opening.say(tr("Reading {path}", path=path.name))
    checkpoint = read_checkpoint(path)
    sha256 = sha256_of(path)
    opening.say(tr("Building {name}", name=name))
    module, shape, fitted = fitted_module(name, checkpoint.state, path)
    opening.say(tr("Preparing {name}", name=name))
    official = next((recipe for recipe in zoo.recipes(name) if _is(recipe, sha256)), None)
    if official is not None:
        zoo.without_eps(name, official, module)
    about = _official(name, path, sha256, official) if official else _unknown(name, path, sha256, shape)
    return _finish(
        name,
        spec,
        module,
        replace(about, notes=(*checkpoint.notes, *fitted.notes, *about.notes), head_trained=not fitted.untrained),
    )


def _is(recipe: zoo.TorchvisionRecipe, sha256: str) -> bool:
    # By content, so that a renamed official file is still known.
    beginning = hash_in_name(recipe.file)
    return bool(beginning) and sha256.startswith(beginning)


def fitted_module(name: str, given: dict[str, Tensor], path: Path) -> tuple[nn.Module, zoo.TorchvisionShape, Fitted]:
    """The module with the weights in it, what was adapted to them, what was done to make them fit."""
    state = _modern(name, given)
    size = zoo.vit_size(name, match_names(state, {"encoder.pos_embedding"})[0]) if zoo.is_vit(name) else None
    second = any(".aux_classifier." in f".{key}" for key in state)
    usual = zoo.TorchvisionShape(zoo.usual_classes(name), size, pretrained=True, auxiliary=second)
    # The first build lends its shapes; initial values must not move anybody's random numbers.
    module = seeded(lambda: zoo.build(name, usual), 0)
    shape = _shape_of(state, module, usual)
    if shape != usual:
        module = seeded(lambda: zoo.build(name, shape), 0)
    adapted = [f"{n} {what}" for n, what, m in _differences(shape, usual) if n != m]
    notes = (tr("Built with {list}, as the weights have it.", list=tr(" and ").join(adapted)),) if adapted else ()
    fitted = load_into(module, state, path.name, name)
    return module, shape, replace(fitted, notes=(*notes, *fitted.notes))


def _differences(shape: zoo.TorchvisionShape, usual: zoo.TorchvisionShape) -> tuple[tuple[int, str, int], ...]:
    return (shape.classes, "classes", usual.classes), (shape.channels, tr("input channels"), usual.channels)


def _shape_of(given: dict[str, Tensor], module: nn.Module, usual: zoo.TorchvisionShape) -> zoo.TorchvisionShape:
    """Number of input channels and of classes that the weights were trained with."""
    state, _ = match_names(given, module.state_dict().keys())
    key = zoo.first_convolution(module)[0] + ".weight"
    channels, first = usual.channels, state.get(key)
    if first is not None and first.ndim == 4:
        channels = int(first.shape[1])
    others = {name: value for name, value in state.items() if name != key}
    return replace(usual, channels=channels, classes=class_count(others, module, usual.classes))


def _modern(name: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    versions = dict(getattr(state, "_metadata", {}))
    if name.startswith("mnasnet") and "version" not in versions.get("", {}):
        versions[""] = {"version": 2}  # converters drop it, and mnasnet refuses to guess
    renamed = {new: value for key, value in state.items() if (new := zoo.modern(name, key)) is not None}
    return State(renamed, versions)


def _official(name: str, path: Path, sha256: str, recipe: zoo.TorchvisionRecipe) -> _TorchvisionTraits:
    weights = WeightsInfo(True, str(path), sha256, note=tr("torchvision {member}", member=recipe.member))
    preprocess = recipe.preprocess
    notes: tuple[str, ...] = ()
    if name in zoo.CONVERTED:
        preprocess, notes = replace(preprocess, transform_input=True), (_CONVERTED,)
    return _TorchvisionTraits(weights, preprocess, recipe.labels, notes, f"Weights {recipe.member} of torchvision.")


FRAMES = 16  # of a clip, as the models of videos were trained
_FED = msgid(
    "It takes clips (1, 3, frames, height, width): the opened picture, or frame of a video, is handed over as {frames} equal frames, "
    "so that nothing moves in it."
)
_FITTED = AssumedNote(
    tr(
        "torchvision resizes the shorter side of a picture and keeps all of it; here the whole picture is fitted into a square and "
        "padded. It can be changed."
    ),
    tr("preprocessing"),
)
_CONVERTED = tr("transform_input is on, as torchvision's own file wants it: its input is brought to mean and std 0.5.")
_NOT_CONVERTED = tr(
    "transform_input is off: the file is not torchvision's own. If it was trained on from that one, turn it on "
    "in the preprocessing, or with --transform-input on."
)


def _unknown(name: str, path: Path, sha256: str, shape: zoo.TorchvisionShape) -> _TorchvisionTraits:
    """What is assumed of weights that are not torchvision's own, and said."""
    recipe = zoo.standard(name)
    preprocess = recipe.preprocess
    if shape.size is not None and shape.size != preprocess.height:
        preprocess = replace(preprocess, height=shape.size, width=shape.size, resize=shape.size)
    if shape.channels != preprocess.channels:
        half = (0.5,) * shape.channels
        preprocess = replace(preprocess, channels=shape.channels, mean=half, std=half)
    said_of = tr(
        "Preprocessing assumed: {member} of torchvision ({resize} to {height} px); it can be changed.",
        member=recipe.member,
        resize=preprocess.resize,
        height=preprocess.height,
    )
    notes = [AssumedNote(said_of, tr("preprocessing"))]
    labels, said = labels_beside(path, shape.classes)
    if not labels and shape.classes == len(recipe.labels):
        labels = recipe.labels
        file = f"{path.stem}.labels.txt"
        said_of = (
            tr(
                "Labels assumed: the 1000 classes of ImageNet; a file {file} beside the weights names others.",
                file=file,
            )
            if task_of(name) is None
            else tr(
                "Labels assumed: those of {member}; a file {file} beside the weights names others.",
                member=recipe.member,
                file=file,
            )
        )
        notes.append(AssumedNote(said_of, tr("labels")))
    notes += [AssumedNote(_NOT_CONVERTED, "transform_input")] if name in zoo.CONVERTED and shape.channels == 3 else []
    return _TorchvisionTraits(WeightsInfo(True, str(path), sha256), preprocess, labels, (*notes, *said))


def _finish(name: str, spec: ModelSpec, module: nn.Module, about: _TorchvisionTraits) -> LoadedModel:
    preprocess = of_pictures(spec.preprocess or about.preprocess)
    _check_input(name, module, preprocess)
    task = task_of(name)
    clips = task is not None and task.id == "video"
    if clips:
        give(module, nothing, name, as_clip(FRAMES))
    fed = (tr(_FED, frames=FRAMES),) if clips else ()
    fitted = (
        (_FITTED,)
        if task is not None and preprocess.fit == "letterbox" and preprocess == zoo.standard(name).preprocess
        else ()
    )
    card = ModelCard(
        spec=spec,
        name=name,
        source="torchvision",
        weights=about.weights,
        preprocess=preprocess,
        labels=about.labels,
        parameters=parameter_count(module),
        description=f"{title_of(name)}. {about.description}".strip(),
        notes=(*about.notes, *fitted, *fed),
        arguments=fed,
        output_kind=task.output if task is not None else "auto",
        convertible=name in zoo.CONVERTED and preprocess.channels == 3,
        head_trained=about.head_trained,
    )
    return LoadedModel(module.eval(), card, pure=True)


def _check_input(name: str, module: nn.Module, preprocess: Preprocess) -> None:
    """Refuse now what would make every forward fail."""
    if zoo.is_quantised(name):
        return
    channels = zoo.first_convolution(module)[1].in_channels
    if channels != preprocess.channels:
        what = tr("{name} with these weights cannot take {channels} channels.", name=name, channels=preprocess.channels)
        raise ExplorerError(
            what,
            tr("Its first layer has {channels}.", channels=channels),
            tr("Use {channels}, or open it untrained.", channels=channels),
        )
    size = getattr(module, "image_size", None) if zoo.is_vit(name) else None
    if size is not None and (preprocess.height, preprocess.width) != (size, size):
        why = tr("Its position embedding was made for pictures of {size} × {size} pixels.", size=size)
        what = tr(
            "{name} with these weights cannot take {height} × {width} pixels.",
            name=name,
            height=preprocess.height,
            width=preprocess.width,
        )
        raise ExplorerError(what, why, tr("Use {size} pixels, or open it untrained at another size.", size=size))

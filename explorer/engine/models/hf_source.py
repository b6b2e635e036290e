"""Open one of transformers' models of pictures, sounds or texts: a folder, or a repository of the hub that is here or is fetched."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec, Preprocess, WeightsInfo, of_pictures
from explorer.core.system.paths import weight_dirs
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr
from explorer.engine.models import extras, hf_folder, hf_models, hf_names, hf_sounds, hf_texts
from explorer.engine.models.base import CatalogueEntry, LoadedModel, OpenRequest
from explorer.engine.models.hf_folder import CONFIG, INDEX, PROCESSOR, SUBFOLDER, WEIGHTS, Folder
from explorer.engine.models.hf_models import HfPlan, Made
from explorer.engine.models.hf_preprocess import preprocess_of
from explorer.engine.models.module_state import parameter_count, state_digest
from explorer.engine.models.weights import hub, hub_requests
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.locate import sha256_of

_IMAGENET = 1000  # classes


class HfSource:
    """`hf:ORGANISATION/NAME` or `hf:FOLDER`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        opening.say(tr("Importing transformers"))
        extras.load(extras.HF)
        path = hf_folder.find(name)
        if opening.allow_download and _is_incomplete(path, spec):
            path = fetch(name, opening, config_only=spec.untrained or bool(spec.weights))
        if path is None:
            raise nothing(name)
        folder = hf_folder.read(path)
        own_folder = Path(name).expanduser().absolute() == path
        if own_folder:
            spec = replace(spec, id=f"hf:{path}")  # so that a session finds it again from another folder
        return _open(folder, spec, opening, own_folder)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return hf_names.entries()


def _is_incomplete(path: Path | None, spec: ModelSpec) -> bool:
    return path is None or not (spec.untrained or spec.weights or hf_folder.is_whole(path))


def nothing(name: str) -> ExplorerError:
    """Where it was looked, and the ways out."""
    if not hub.is_repo(name):
        todo = tr("Name one that holds {config}, or a repository of the hub: hf:facebook/dinov2-small.", config=CONFIG)
        raise ExplorerError(
            tr("There is no model of transformers in {name}.", name=name or tr("a folder without a name")), "", todo
        )
    places = [*(folder / SUBFOLDER / name for folder in weight_dirs()), hub.cache()]
    looked = tr("Looked in {list}.", list=", ".join(str(folder) for folder in places))
    todo = tr(
        "Let it be downloaded (--download), or name a folder that holds {config} and {weights}: hf:FOLDER.",
        config=CONFIG,
        weights=WEIGHTS[0],
    )
    return ExplorerError(tr("{name} is not here.", name=name), looked, todo)


def fetch(name: str, opening: OpenRequest, config_only: bool = False) -> Path:
    """The folder with what the hub has of a repository. Raises ExplorerError, Cancelled; looks at the config before the rest."""
    if not hub.is_repo(name):
        raise nothing(name)
    folder = hub.target() / SUBFOLDER / name
    opening.say(tr("Asking for {name}", name=name))
    config = hub_requests.look(name, CONFIG)
    if config is None:
        raise ExplorerError(
            tr("{name} is no model of transformers.", name=name),
            tr("The hub has no {config} of it.", config=CONFIG),
            tr("Check the name."),
        )
    revision = config.revision
    hub_requests.fetch(config, folder, opening)
    for extra in (PROCESSOR, *(hf_texts.FILES if hf_folder.read(folder).type in hf_texts.TYPES else ())):
        found = hub_requests.look(name, extra, revision)
        if found is not None:
            hub_requests.fetch(found, folder, opening)
    hf_models.plan(hf_folder.read(folder))  # what cannot be opened is not fetched
    if not config_only:
        _fetch_weights(name, revision, folder, opening)
    return folder


def _fetch_weights(name: str, revision: str, folder: Path, opening: OpenRequest) -> None:
    whole = hub_requests.look(name, WEIGHTS[0], revision)
    index = hub_requests.look(name, INDEX, revision) if whole is None else None
    old = hub_requests.look(name, WEIGHTS[1], revision) if whole is None and index is None else None
    if index is not None:
        pieces = hf_folder.piece_names(hf_folder.read_json(hub_requests.fetch(index, folder, opening)))
        remotes = [hub_requests.look(name, piece, revision) for piece in pieces]
    else:
        remotes = [whole or old]
    for remote in remotes:
        if remote is None:
            what = tr("The hub has no weights of {name} that are read here.", name=name)
            raise ExplorerError(
                what,
                tr("It has neither {weights} nor {weights2}.", weights=WEIGHTS[0], weights2=WEIGHTS[1]),
                tr("Open it untrained."),
            )
        hub_requests.fetch(remote, folder, opening)


@dataclass(frozen=True, slots=True)
class _HfTraits:
    made: Made
    weights: WeightsInfo
    notes: tuple[str, ...] = ()


def _open(folder: Folder, spec: ModelSpec, opening: OpenRequest, own_folder: bool) -> LoadedModel:
    files = (Path(spec.weights).expanduser(),) if spec.weights else folder.weights
    wanted = spec.preprocess.channels if isinstance(spec.preprocess, Preprocess) and spec.untrained else None
    plan = hf_models.plan(folder, wanted)
    opening.say(tr("Building {plan}", plan=plan.name))
    if spec.untrained:
        return _finish(folder, spec, plan, _untrained(folder, spec, plan))
    if files:
        return _finish(folder, spec, plan, _trained(folder, plan, files, opening))
    if own_folder:  # it was named, and it holds nothing else that could be meant
        note = tr("{path} holds no weights: its architecture with random values is shown.", path=folder.path.name)
        return _finish(folder, spec, plan, _untrained(folder, spec, plan, (note,)))
    raise nothing(spec.id.partition(":")[2])


def _untrained(folder: Folder, spec: ModelSpec, plan: HfPlan, notes: tuple[str, ...] = ()) -> _HfTraits:
    made = hf_models.untrained(folder, plan, spec.seed)
    digest = state_digest(made.module)
    return _HfTraits(
        made, WeightsInfo(False, sha256=digest, seed=spec.seed, note=tr("initial values, nothing learnt")), notes
    )


def _trained(folder: Folder, plan: HfPlan, files: tuple[Path, ...], opening: OpenRequest) -> _HfTraits:
    state: dict[str, Tensor] = {}
    notes: tuple[str, ...] = ()
    for file in files:
        opening.say(tr("Reading {file}", file=file.name))
        checkpoint = read_checkpoint(file)
        state |= checkpoint.state
        notes += checkpoint.notes
    opening.say(tr("Filling {plan}", plan=plan.name))
    made = hf_models.trained(folder, plan, state, files[0].name)
    digest = sha256_of(files[0]) if len(files) == 1 else state_digest(made.module)
    return _HfTraits(made, WeightsInfo(True, str(files[0]), digest), (*notes, *made.notes))


def _finish(folder: Folder, spec: ModelSpec, plan: HfPlan, about: _HfTraits) -> LoadedModel:
    if folder.type in hf_sounds.TYPES:
        found, said = hf_sounds.sound_preprocess_of(folder)
        preprocess: AnyPreprocess = spec.preprocess or found
    elif folder.type in hf_texts.TYPES:
        texts, said = hf_texts.text_preprocess_of(folder, plan.config)
        preprocess = spec.preprocess or texts
        if isinstance(preprocess, TextPreprocess):
            hf_texts.prepare(about.made.module, preprocess)
    else:
        pictures, said = preprocess_of(folder, plan.config)
        preprocess = of_pictures(spec.preprocess or pictures)
        _check_input(folder, plan, preprocess)
    labels = labels_of(folder.config) if about.made.classifier else ()
    text = tr("{made} of transformers. {says}", made=about.made.name, says=plan.says).strip()
    if not about.made.classifier and not plan.everywhere:
        text += tr(" Its output describes the input: there are no classes to predict.")
    name = spec.id.partition(":")[2]
    card = ModelCard(
        spec=spec,
        name=folder.path.name if os.path.isabs(name) else name.rpartition("/")[2],
        source="hf",
        weights=about.weights,
        preprocess=preprocess,
        labels=labels,
        parameters=parameter_count(about.made.module),
        description=text,
        notes=(*about.notes, *said),
        code=_config_digest(folder.config),
        classifies=about.made.classifier,
        independent=folder.config.get("problem_type") == "multi_label_classification",
    )
    return LoadedModel(about.made.module, card, pure=True)


def _config_digest(config: Mapping[str, Any]) -> str:
    """Tells apart two folders whose weights are the same and whose configs are not."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()


def labels_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the classes as the config has them, () where it only numbers them."""
    table = config.get("id2label")
    if not isinstance(table, Mapping) or not table:
        return ()
    try:
        pairs = {int(index): str(name) for index, name in table.items()}
    except ValueError:
        return ()
    if sorted(pairs) != list(range(len(pairs))) or all(name == f"LABEL_{index}" for index, name in pairs.items()):
        return ()
    # ImageNet's names are all the words there are for one thing; the first is enough, as in torchvision's list
    many = len(pairs) >= _IMAGENET
    return tuple(pairs[index].split(",")[0] if many else pairs[index] for index in range(len(pairs)))


def _check_input(folder: Folder, plan: HfPlan, preprocess: Preprocess) -> None:
    """Refuse now what would make every forward fail."""
    channels = int(getattr(plan.config, "num_channels", preprocess.channels))
    if channels != preprocess.channels:
        what = tr("{path} cannot take {channels} channels.", path=folder.path.name, channels=preprocess.channels)
        raise ExplorerError(
            what,
            tr("Its first layer has {channels}.", channels=channels),
            tr("Use {channels}, or open it untrained.", channels=channels),
        )

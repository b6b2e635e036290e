"""A learnt model as files: weights, names of the classes, a script that opens them in plain torch, and the card, which is last."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.transfer import Exported
from explorer.core.translation import tr
from explorer.engine import export
from explorer.engine.models.base import parse_id
from explorer.engine.models.card_file import SUFFIX, LearntCard, Origin, labels_of, read_card, spec_of_card, weights_of
from explorer.engine.models.weights.locate import sha256_of
from explorer.engine.transfer.plain_script import plain_script

LEARNT, EPOCH = "learnt", "epoch-"  # names of the files in the folder of a training: the best epoch, and epoch-7
_LICENCES = {
    "demo": "Apache-2.0, as this application",
    "torchvision": "BSD-3-Clause (torchvision); weights that were learnt from ImageNet are under its terms",
}
_UNKNOWN = tr("not known here: see where the model comes from")


def origin_of(card: ModelCard) -> Origin:
    """Of a model that learns. What was learnt before goes back to the same network."""
    if card.source == "card":
        before = read_card(Path(parse_id(card.spec.id).name))
        return replace(before.origin, digest=card.digest, sha256=card.weights.sha256, weights=card.weights.note)
    licence = _LICENCES.get(card.source, _UNKNOWN)
    return Origin(
        card.spec.id, card.digest, card.name, card.weights.sha256, card.weights.label, licence, card.spec.output
    )


def forget_epochs(folder: Path, kept: int) -> None:
    """The files of all epochs but one go."""
    for path in folder.glob(f"{EPOCH}*"):
        if path.name.partition(".")[0] != f"{EPOCH}{kept}":
            path.unlink(missing_ok=True)


def write_learnt(path: Path, module: nn.Module, card: LearntCard) -> ModelSpec:
    """Writes weights, labels and card; `sha256` of the card is filled in. How it is opened. Raises ExplorerError."""
    from safetensors.torch import save

    # copies: two names of one tensor are two tensors in the file
    state = {name: value.detach().cpu().clone().contiguous() for name, value in module.state_dict().items()}
    data = save(state)
    written = replace(card, sha256=hashlib.sha256(data).hexdigest())
    target = path.with_name(path.name + SUFFIX)
    export.write(weights_of(target), data)
    export.write(labels_of(target), _labels(card))
    export.write(target, _json(written))
    return spec_of_card(target)


def export_learnt(spec: ModelSpec, path: Path) -> Exported:
    """Copies a learnt model to other files. Raises ExplorerError; then there is no card, or the former one whole."""
    source = Path(parse_id(spec.id).name)
    card = read_card(source)
    target = path.absolute()
    target = target if target.suffix.lower() == SUFFIX else target.with_name(target.name + SUFFIX)
    try:
        data = weights_of(source).read_bytes()
    except OSError as error:
        raise ExplorerError(
            tr("The weights of {card} are not here.", card=card.name), f"{error.strerror}.", tr("Train it again.")
        ) from None
    named = replace(card, name=target.stem)
    files = [(weights_of(target), data), (labels_of(target), _labels(named))]
    script = plain_script(named, weights_of(target).name)
    files += [(target.with_suffix(".py"), script.encode())] if script else []
    for file, content in (*files, (target, _json(named))):
        export.write(file, content)
    return Exported(str(target), tuple(str(file) for file, _ in (*files, (target, b""))))


def verified(card: Path) -> bool:
    """Whether a card and its weights are there and belong together."""
    try:
        return sha256_of(weights_of(card)) == read_card(card).sha256
    except (OSError, ExplorerError):
        return False


def _labels(card: LearntCard) -> bytes:
    return "".join(f"{' '.join(name.split())}\n" for name in card.classes).encode()


def _json(card: LearntCard) -> bytes:
    held: dict[str, Any] = card.to_json()
    return (json.dumps(held, indent=1, ensure_ascii=False) + "\n").encode()

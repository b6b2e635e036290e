"""A script that opens a learnt model in plain torch, where its network comes from a public library."""

from __future__ import annotations

from explorer.core.models import Preprocess
from explorer.engine.export_input import preprocess_lines
from explorer.engine.models.base import parse_id
from explorer.engine.models.card_file import LearntCard
from explorer.engine.models.torchvision_compat import PLAIN_IMPORT

_HEAD = """\
\"\"\"Opens {weights} in plain torch and names the class of a picture: python {script} PICTURE

Needs torch, {library}, safetensors, numpy and pillow. Learnt from {origin}.
\"\"\"

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file
"""
_MIDDLE = """\
CLASSES = {classes!r}


def open_model():
    model = {make}
    old = model.get_submodule({head!r})
    if isinstance(old, torch.nn.Conv2d):
        new = torch.nn.Conv2d(old.in_channels, len(CLASSES), 1)
    else:
        new = torch.nn.Linear(old.in_features, len(CLASSES))
    parent, _, name = {head!r}.rpartition(".")
    setattr(model.get_submodule(parent), name, new)
    model.load_state_dict(load_file(Path(__file__).with_name({weights!r})))
    return model.eval()


def tensor_of(image):
    {prepare}
    return x


if __name__ == "__main__":
    with torch.no_grad():
        scores = open_model()(tensor_of(ImageOps.exif_transpose(Image.open(sys.argv[1]))))[0]
    best = int(scores.argmax())
    print(CLASSES[best], float(scores.softmax(0)[best]))
"""


def plain_script(card: LearntCard, weights: str) -> str:
    """ "" where its network is not one of torchvision or timm."""
    named = parse_id(card.origin.id)
    if named.source == "torchvision":
        make = _torchvision(named.name, card.preprocess)
    elif named.source == "timm":
        make = _timm(named.name, card.preprocess)
    else:
        return ""
    head = _HEAD.format(weights=weights, script=f"{card.name}.py", library=named.source, origin=card.origin.id)
    prepare = "\n    ".join(preprocess_lines(card.preprocess))
    body = _MIDDLE.format(classes=list(card.classes), make=make, head=card.head, weights=weights, prepare=prepare)
    # timm imports torchvision, whose operators need not fit this torch
    first = "\n".join(PLAIN_IMPORT)
    return f"{head}{first}\n{'import timm' if named.source == 'timm' else ''}\n\n{body}"


def _torchvision(name: str, pre: Preprocess) -> str:
    more = f", image_size={pre.height}" if name.startswith("vit_") else ""
    more += ", init_weights=False, transform_input=False" if name in ("googlenet", "inception_v3") else ""
    more += ", aux_logits=False" if name in ("googlenet", "inception_v3") else ""
    return f"torchvision.models.get_model({name.lower()!r}, weights=None{more})"


def _timm(name: str, pre: Preprocess) -> str:
    more = f", in_chans={pre.channels}" if pre.channels != 3 else ""
    return f"timm.create_model({name!r}, pretrained=False{more})"

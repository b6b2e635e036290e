"""Writes demo models as they ship: `python packaging/demo_models/export.py [NAME ...] [--build FOLDER] [--out FOLDER]`.

NAME.safetensors holds the averaged weights, in half precision where no answer suffers; NAME.json is the card: what it
is, how it was made, how good it is (by evaluate.py), what it takes and what it answers.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn

from demo_models import memory
from demo_models.evaluate import WEIGHTS, everything
from demo_models.measure.features import outputs, top1
from demo_models.measure.figures import Examiner
from demo_models.measure.weights import UNTRAINED, load
from demo_models.recipes.table import MEAN, RECIPES, STD, Recipe
from demo_models.train import BUILD
from demo_models.world.sample import SIZE

# What half precision may cost: top-1 in points, or cosine of the features for a model without labels.
MAY_COST, MUST_AGREE = 0.1, 0.9999
LICENCE = "Apache-2.0"


def halved(net: nn.Module) -> nn.Module:
    """A copy whose floating-point numbers went through half precision."""
    other = copy.deepcopy(net)
    other.load_state_dict({k: v.half().float() if v.is_floating_point() else v for k, v in net.state_dict().items()})
    return other


def loses_nothing(net: nn.Module, recipe: Recipe, trained_head: bool, examiner: Examiner) -> bool:
    """Whether the held-out answers are as good after half precision."""
    other, images = halved(net), examiner.questions.images
    if trained_head:
        labels = getattr(examiner.questions, recipe.target)
        return abs(top1(net, images, labels) - top1(other, images, labels)) <= MAY_COST
    both = (outputs(which, images, features=True) for which in (net, other))
    return float(torch.cosine_similarity(*both, dim=1).min()) >= MUST_AGREE


def history(name: str, build: Path) -> dict[str, Any]:
    """How long it was trained; nothing for an untrained twin."""
    if name.endswith(UNTRAINED):
        return {"pictures_seen": 0}
    saved = torch.load(build / f"{name}.pt", weights_only=True)
    state = saved["state"]
    minutes = round(state["seconds"] / 60, 1)
    finished = state["pictures"] >= saved["total"]
    return {"pictures_seen": state["pictures"], "steps": state["steps"], "minutes": minutes, "finished": finished}


def card(name: str, half: bool, build: Path, examiner: Examiner) -> dict[str, Any]:
    recipe = RECIPES[name.removesuffix(UNTRAINED)]
    net = load(name, build)
    untrained = name.endswith(UNTRAINED)
    labelled = recipe.supervised and not untrained
    return {
        "name": name,
        "says": "The same network before training: what learning changed." if untrained else recipe.says,
        "network": type(net).__name__,
        "classes": len(recipe.labels),
        "parameters": sum(p.numel() for p in net.parameters()),
        "task": "none" if untrained else recipe.task,
        "head_trained": labelled,
        "labels": list(recipe.labels) if labelled else [],
        "data": "pictures of the project's own picture world, drawn on the fly (packaging/demo_models/world)",
        "recipe": f"python packaging/demo_models/train.py {recipe.name}",
        "seed": recipe.seed,
        **history(name, build),
        "preprocess": {"height": SIZE, "width": SIZE, "mean": list(MEAN), "std": list(STD)},
        "precision": "float16" if half else "float32",
        "figures": examiner.figures(name),
        "licence": LICENCE,
    }


def write(name: str, build: Path, out: Path, examiner: Examiner) -> None:
    from safetensors.torch import save_file

    net = load(name, build)
    recipe = RECIPES[name.removesuffix(UNTRAINED)]
    labelled = recipe.supervised and not name.endswith(UNTRAINED)
    half = loses_nothing(net, recipe, labelled, examiner)

    def stored(value: Tensor) -> Tensor:
        return value.half().contiguous() if half and value.is_floating_point() else value.contiguous()

    path = out / f"{name}.safetensors"
    save_file({key: stored(value) for key, value in net.state_dict().items()}, path, {"format": "pt"})
    text = json.dumps(card(name, half, build, examiner), indent=1)
    (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{path}  {path.stat().st_size / 1024:.0f} KiB")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all that are trained when left out")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder of checkpoints")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=Examiner.count, help="fewer, to try it; the cards use all")
    parser.add_argument("--bank", type=int, default=Examiner.bank_size)
    chosen = parser.parse_args(arguments)
    memory.keep()
    torch.set_num_threads(chosen.threads)
    chosen.out.mkdir(parents=True, exist_ok=True)
    examiner = Examiner(chosen.build, chosen.pictures, chosen.bank)
    for name in chosen.names or everything(chosen.build):
        write(name, chosen.build, chosen.out, examiner)
    return 0


if __name__ == "__main__":
    sys.exit(main())

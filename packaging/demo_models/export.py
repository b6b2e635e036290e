"""Writes demo models as they ship: `python packaging/demo_models/export.py [NAME ...] [--build FOLDER] [--out FOLDER]`.

NAME.safetensors holds the averaged weights with statistics of their own, in half precision where no answer suffers;
NAME.json is the card: what it is, how it was made, how good the weights in that very file are (by evaluate.py), what it
takes and what it answers. Run it without names at the end: the card of shapes-cnn also tells of shapes-scratch-20.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn

from demo_models import memory
from demo_models.evaluate import WEIGHTS, everything, sheet_of, world_examiner
from demo_models.measure.features import top1
from demo_models.measure.figures import Examiner, Figures
from demo_models.measure.settle import settle
from demo_models.measure.weights import UNTRAINED, load
from demo_models.measure.worlds import examples
from demo_models.recipes.table import MEAN, STD, Recipe
from demo_models.recipes.worlds import WORLDS, WorldRecipe, recipe_of
from demo_models.train import BUILD
from explorer.engine.data_sets.world.sample import SIZE

# Points of top-1 and of k-NN that half precision may change.
MAY_CHANGE = 0.2
# How far initial weights of a seed may lie apart on two machines; those of another seed are farther.
SAME_SEED = 1e-4
LICENCE = "Apache-2.0"
AnyRecipe = Recipe | WorldRecipe
TASKS_SAID = {
    "labels": "names the {target} of the subject",
    "twice": "names the {target} of the subject, and knows objects again in another rendering",
    "taught": "names the {target} of the subject; every token also answers with what shapes-cnn sees there (distillation)",
    "few": "names the {target} of the subject, from 20 pictures of each",
    "pairs": "no labels: knows objects again in another rendering (contrast)",
    "follow": "no labels: every token answers with what shapes-ssl-cnn, which had none either, sees there (distillation), "
    "and the class token attends where its features stand out",
}


def halved(net: nn.Module) -> nn.Module:
    """A copy whose floating-point numbers went through half precision."""
    other = copy.deepcopy(net)
    other.load_state_dict({k: v.half().float() if v.is_floating_point() else v for k, v in net.state_dict().items()})
    return other


def answers(net: nn.Module, recipe: AnyRecipe, labelled: bool, examiner: Examiner) -> Figures:
    """What must not suffer."""
    if isinstance(recipe, WorldRecipe):
        of_world = world_examiner(examiner)
        return of_world.seen_in(net, recipe) | (of_world.accuracy(net, recipe) if labelled else {})
    found = examiner.knn(net) if recipe.target == "shape" else {}
    if labelled:
        found["top1"] = top1(net, examiner.questions.images, getattr(examiner.questions, recipe.target))
    return found


def loses_nothing(net: nn.Module, recipe: AnyRecipe, labelled: bool, examiner: Examiner) -> bool:
    """Whether the held-out answers are the same after half precision, to a fifth of a point."""
    whole, half = (answers(which, recipe, labelled, examiner) for which in (net, halved(net)))
    return all(abs(whole[key] - half[key]) <= MAY_CHANGE for key in whole)


def saved_run(name: str, build: Path) -> dict[str, Any]:
    return torch.load(build / f"{name}.pt", map_location="cpu", weights_only=True)


def history(name: str, build: Path) -> dict[str, Any]:
    """How long it was trained; nothing for an untrained twin."""
    seen = f"{examples(WORLDS[name.removesuffix(UNTRAINED)])}_seen" if of_worlds(name) else "pictures_seen"
    if name.endswith(UNTRAINED):
        return {seen: 0}
    saved = saved_run(name, build)
    state = saved["state"]
    minutes = round(state["seconds"] / 60, 1)
    finished = state["pictures"] >= saved["total"]
    return {seen: state["pictures"], "steps": state["steps"], "minutes": minutes, "finished": finished}


def describe(name: str, recipe: AnyRecipe, net: nn.Module) -> dict[str, Any]:
    """What the model is, and all that opening it needs."""
    trained = not name.endswith(UNTRAINED)
    labelled = recipe.supervised and trained
    return {
        "name": name,
        "says": recipe.says if trained else "The same network before training: what did learning change?",
        "network": type(net).__name__,
        "classes": len(recipe.labels),
        "parameters": sum(p.numel() for p in net.parameters()),
        "trained": trained,
        "head_trained": labelled,
        "labels": list(recipe.labels) if labelled else [],
        "task": _told(recipe) if trained else "none",
        "data": _data(recipe),
        "recipe": f"python packaging/demo_models/train.py {recipe.name}",
        "seed": recipe.seed,
        **_input(recipe),
        "licence": LICENCE,
    }


def of_worlds(name: str) -> bool:
    """Whether it hears or reads, or is the twin of one that does."""
    return name.removesuffix(UNTRAINED) in WORLDS


def _told(recipe: AnyRecipe) -> str:
    return recipe.told if isinstance(recipe, WorldRecipe) else TASKS_SAID[recipe.task].format(target=recipe.target)


def _data(recipe: AnyRecipe) -> str:
    if isinstance(recipe, WorldRecipe):
        what = examples(recipe)
        return f"{what} of the project's own world, made on the fly (explorer/engine/data_sets/world_of_{what})"
    return "pictures of the project's own world, drawn on the fly (explorer/engine/data_sets/world)"


def _input(recipe: AnyRecipe) -> dict[str, Any]:
    """What goes in: `preprocess` of pictures, `input` of anything else."""
    if isinstance(recipe, WorldRecipe):
        return {"examples": examples(recipe), "options": dict(recipe.options), "input": recipe.input}
    return {
        "preprocess": {
            "height": SIZE, "width": SIZE, "fit": "crop", "resize": SIZE, "mean": list(MEAN), "std": list(STD)
        }
    }  # fmt: skip


def write_weights(name: str, build: Path, out: Path, examiner: Examiner) -> None:
    from safetensors.torch import save_file

    recipe = recipe_of(name.removesuffix(UNTRAINED))
    labelled = recipe.supervised and not name.endswith(UNTRAINED)
    net = load(name, build)
    if name.endswith(UNTRAINED):
        check_seed(name, net, recipe)
    else:
        settle(net, recipe, saved_run(name, build)["state"]["blocks"], build)
    half = loses_nothing(net, recipe, labelled, examiner)

    def stored(value: Tensor) -> Tensor:
        return value.half().contiguous() if half and value.is_floating_point() else value.contiguous()

    path = out / f"{name}.safetensors"
    save_file({key: stored(value) for key, value in net.state_dict().items()}, path, {"format": "pt"})
    print(f"{path}  {path.stat().st_size / 1024:.0f} KiB, {'float16' if half else 'float32'}", flush=True)


def check_seed(name: str, net: nn.Module, recipe: AnyRecipe) -> None:
    """A file of initial weights may be left from a recipe of another seed: then it is no twin."""
    pairs = zip(net.state_dict().values(), recipe.make().state_dict().values(), strict=True)
    if any(bool(((a - b).abs() > SAME_SEED).any()) for a, b in pairs):
        sys.exit(f"{name}: the initial weights kept beside the checkpoint are not those of seed {recipe.seed}.")


def write_card(name: str, build: Path, out: Path, examiner: Examiner) -> None:
    """Measures the weights that were written, as they will be read."""
    from safetensors import safe_open

    path = out / f"{name}.safetensors"
    with safe_open(path, "pt") as file:
        precisions = {file.get_slice(key).get_dtype() for key in file.keys()}  # noqa: SIM118 - it is no dict
    card = {
        **describe(name, recipe_of(name.removesuffix(UNTRAINED)), load(name, out)),
        **history(name, build),
        "precision": "float16" if "F16" in precisions else "float32",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **sheet_of(name, examiner),
    }
    (out / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(name, json.dumps(card["figures"]), flush=True)


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
    examiner = Examiner(chosen.out, chosen.pictures, chosen.bank)
    names = chosen.names or everything(chosen.build)
    for step in (write_weights, write_card):
        for name in names:
            step(name, chosen.build, chosen.out, examiner)
    return 0


if __name__ == "__main__":
    sys.exit(main())

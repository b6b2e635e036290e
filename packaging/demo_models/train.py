"""Trains one demo model: `python packaging/demo_models/train.py NAME [--minutes 90] [--threads 1] [--resume]`.

Uses a GPU when there is one. Stops when the recipe's pictures or the minutes are over, with everything saved; the same
command with --resume goes on from there. The weights that count are the averaged ones (see export.py).
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from demo_models import memory
from demo_models.recipes.follow import Follow, Taught
from demo_models.recipes.heard import Clips
from demo_models.recipes.labelled import Few, Labels, Twice
from demo_models.recipes.pairs import Pairs
from demo_models.recipes.read import Sentences
from demo_models.recipes.run import Run, Task
from demo_models.recipes.table import RECIPES, Recipe
from demo_models.recipes.worlds import WORLDS, WorldRecipe, recipe_of

BUILD = Path(__file__).resolve().parents[2] / "build" / "demo_models"
TASKS = {"labels": Labels, "twice": Twice, "few": Few, "pairs": Pairs, "clips": Clips, "sentences": Sentences}
FOLLOWING = {"follow": Follow, "taught": Taught}


def task_of(recipe: Recipe | WorldRecipe, device: torch.device, folder: Path) -> Task:
    """What a recipe is trained on; `folder` holds the weights of the teacher that some follow."""
    following = FOLLOWING.get(recipe.task)
    return following(recipe, device, folder) if following else TASKS[recipe.task](recipe, device)


def prepare(name: str, folder: Path, pictures: int, device: torch.device) -> Run:
    """A run at its beginning. Its initial weights are kept beside it: they are the untrained twin."""
    recipe = recipe_of(name)
    torch.manual_seed(recipe.seed)
    task = task_of(recipe, device, folder)
    averaged = copy.deepcopy(task.net).requires_grad_(False)
    run = Run(recipe, task, averaged, folder, pictures or recipe.pictures)
    initial = folder / f"{name}.initial.pt"
    if not initial.exists():
        torch.save(recipe.make().state_dict(), initial)
    return run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(RECIPES | WORLDS))
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=0, help="another length than the recipe's")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--out", type=Path, default=BUILD, help="the folder of checkpoints and curves")
    chosen = parser.parse_args(arguments)
    memory.keep()
    torch.set_num_threads(chosen.threads)
    run = prepare(
        chosen.name, chosen.out, chosen.pictures, torch.device("cuda" if torch.cuda.is_available() else "cpu")
    )
    if chosen.resume and run.path.exists():
        run.resume()
    done = run.go(chosen.minutes, ahead=chosen.threads > 1 or torch.cuda.is_available())
    print(f"{run.path}: {run.state.pictures} pictures, {'finished' if done else 'to be resumed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

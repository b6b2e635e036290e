"""Every figure on the demo models' cards: `python packaging/demo_models/evaluate.py [NAME ...] [--weights FOLDER]`.

Prints one JSON object: of each model whose weights are in the folder its figures, those of its untrained twin and k-NN on
raw pixels. With --check they are compared with the cards beside the weights, with --write they are put on them (the weights
stay as they are). NAME-untrained is a network at its initial weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from demo_models import memory
from demo_models.measure.figures import BANK, Examiner
from demo_models.measure.weights import UNTRAINED, there
from demo_models.measure.worlds import WorldExaminer
from demo_models.recipes.table import RECIPES
from demo_models.recipes.worlds import TWINS, WORLDS
from explorer.engine.data_sets.world.sample import HELD_OUT
from explorer.engine.models.demo.facts import COLUMNS

# Points by which another machine's last bits may move a figure; of those in other units a hundredth or a tenth is a point.
SAME = 0.3
FINER = {"iou": 100, "entropy": 100, "distance": 10}
WEIGHTS = Path(__file__).resolve().parents[2] / "resources" / "models"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all whose weights are there when left out")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of NAME.safetensors or NAME.pt")
    parser.add_argument("--out", type=Path, help="also write the figures here")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=HELD_OUT, help="fewer, to try it; the cards use all")
    parser.add_argument("--bank", type=int, default=BANK, help="pictures that neighbours are chosen from")
    parser.add_argument("--check", action="store_true", help="say where the cards differ, and fail if they do")
    parser.add_argument("--write", action="store_true", help="put the figures on the cards beside the weights")
    chosen = parser.parse_args(arguments)
    memory.keep()
    torch.set_num_threads(chosen.threads)
    examiner = Examiner(chosen.weights, chosen.pictures, chosen.bank)
    found: dict[str, dict[str, Any]] = {}
    for name in chosen.names or everything(chosen.weights):
        found[name] = sheet_of(name, examiner)
        print(name, json.dumps(found[name]["figures"]), file=sys.stderr, flush=True)
        if chosen.write:
            write(name, chosen.weights, found[name])
    text = json.dumps(found, indent=1)
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n", encoding="utf-8")
    differ = [line for name in found for line in differences(name, chosen.weights, found[name])] if chosen.check else []
    print(*differ, sep="\n", file=sys.stderr, end="\n" if differ else "")
    return 1 if differ else 0


def differences(name: str, folder: Path, found: dict[str, Any]) -> list[str]:
    """Figures that the card has otherwise, a line each."""
    card = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    lines = []
    for column, _ in COLUMNS:
        said, now = card.get(column, {}), found.get(column, {})
        for key in sorted(said.keys() | now.keys()):
            scale = FINER.get(key.partition("_")[0], 1)
            if key not in said or key not in now or abs(said[key] - now[key]) * scale > SAME:
                lines.append(f"{name}, {column}, {key}: {said.get(key)} on the card, {now.get(key)} measured")
    return lines


def write(name: str, folder: Path, found: dict[str, Any]) -> None:
    """The card again, what was measured in place of what it said."""
    path = folder / f"{name}.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | found, indent=1) + "\n", encoding="utf-8")


def sheet_of(name: str, examiner: Examiner) -> dict[str, Any]:
    """Of a model of any world; a smaller number of pictures holds for sounds and sentences too."""
    which = world_examiner(examiner) if name.removesuffix(UNTRAINED) in WORLDS else examiner
    return which.sheet(name)


def world_examiner(examiner: Examiner) -> WorldExaminer:
    """The one of sounds and sentences that belongs to it."""
    return WorldExaminer(examiner.folder, 0 if examiner.count == HELD_OUT else examiner.count)


def everything(folder: Path) -> list[str]:
    """The models whose weights are there, and the untrained twins that ship beside them."""
    trained = [name for name in (*RECIPES, *WORLDS) if there(name, folder)]
    twins = ("shapes-cnn", "shapes-vit", *TWINS)
    return trained + [name + UNTRAINED for name in twins if name in trained]


if __name__ == "__main__":
    sys.exit(main())

"""Every figure on the demo models' cards: `python packaging/demo_models/evaluate.py [NAME ...] [--weights FOLDER]`.

Prints one JSON object: the bars' figures of each model whose weights are in the folder, and k-NN on raw pixels.
NAME-untrained is a network at its initial weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from demo_models import memory
from demo_models.measure.figures import BANK, Examiner
from demo_models.measure.weights import UNTRAINED, there
from demo_models.recipes.table import RECIPES
from demo_models.world.sample import HELD_OUT

WEIGHTS = Path(__file__).resolve().parents[2] / "resources" / "models"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all whose weights are there when left out")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of NAME.safetensors or NAME.pt")
    parser.add_argument("--out", type=Path, help="also write the figures here")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=HELD_OUT, help="fewer, to try it; the cards use all")
    parser.add_argument("--bank", type=int, default=BANK, help="pictures that neighbours are chosen from")
    parser.add_argument("--raw", action="store_true", help="only k-NN on raw pixels")
    chosen = parser.parse_args(arguments)
    memory.keep()
    torch.set_num_threads(chosen.threads)
    examiner = Examiner(chosen.weights, chosen.pictures, chosen.bank)
    found: dict[str, object] = {}
    for name in [] if chosen.raw else chosen.names or everything(chosen.weights):
        found[name] = examiner.figures(name)
        print(name, json.dumps(found[name]), file=sys.stderr, flush=True)
    if chosen.raw or not chosen.names:
        found["raw-pixels"] = examiner.raw_pixels()
    text = json.dumps(found, indent=1)
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n", encoding="utf-8")
    return 0


def everything(folder: Path) -> list[str]:
    """The models whose weights are there, and the untrained twins that they are compared with."""
    trained = [name for name in RECIPES if there(name, folder)]
    twins = ("shapes-cnn", "shapes-ssl-cnn", "shapes-ssl-vit")
    return trained + [name + UNTRAINED for name in twins if name in trained]


if __name__ == "__main__":
    sys.exit(main())

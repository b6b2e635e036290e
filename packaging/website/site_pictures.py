"""Draws the pictures of docs/images anew, from the program as it is: by its own commands, and by the states of tests.pictures."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

SHORTCUT = "--input sample:shortcut-2-other-there --theme dark --size 1280x800"
SSL = "--model demo:shapes-ssl-vit --model demo:shapes-vit --input sample:world-05-cross-clouds"
# picture: command of feature-map-explorer, without its --out
COMMANDS = {
    "explore-dark": "screenshot --model demo:shapes-cnn --input sample:world-14-star-checks --tap stage1.0.conv1 --channel 5 "
    "--cell 12,13 --panel arithmetic --size 1600x1000 --theme dark",
    "compare-ssl": f"screenshot --workspace compare {SSL} --tap blocks.5 --view attention --cka --size 1600x1000 --theme dark",
    "shortcut-attribution": f"screenshot --model demo:shapes-shortcut {SHORTCUT} --tap stage3.1.relu2 --method occlusion",
    "shortcut-attribution-cnn": f"screenshot --model demo:shapes-cnn {SHORTCUT} --tap stage3.1.relu2 --method occlusion",
    "shortcut-maximise": "screenshot --model demo:shapes-shortcut --input sample:shortcut-2-other-there --tap stage2.1.relu2 "
    "--channel 59 --steps 256 --theme dark --size 1280x1000",
    "figure-attribution": "figure attribution demo:shapes-cnn --input sample:cat --class star --method grad-cam --dpi 150",
    "figure-cka": "figure cka demo:shapes-cnn demo:shapes-vit --inputs gallery --width-mm 120 --dpi 150",
    "figure-compare": "figure compare demo:shapes-cnn demo:shapes-ssl-cnn --input sample:cat --tap stage3.1 --channel 5 "
    "--theme dark --dpi 150",
}
# picture: state of tests.pictures
STATES = {
    "first-steps-star": "guide-star",
    "first-steps-number": "guide-number",
    "first-steps-without": "guide-without",
    "first-steps-pixels": "guide-pixels",
    "sounds-hear": "sounds-hear",
    "sentences-attention": "sentences-attention",
    "transfer-layers": "transfer-layers",
    "transfer-none": "transfer-no-transfer",
    "transfer-training": "transfer-training",
    "transfer-before-after": "transfer-before-after",
    "lesson-step": "lesson check",
    "lesson-hand-ins": "lesson hand-ins",
}
BY_HAND = (
    "lesson-compare",
    "shortcut-ablation",
)  # no command and no state shows them: a lesson in Compare, six chosen channels


def draw(root: Path, only: Collection[str] = ()) -> list[str]:
    """Replaces what can be drawn of `only` (nothing: all of them); the others stay as they are. Returns what could not be drawn."""
    wanted = set(only) or {*COMMANDS, *STATES}
    failed = []
    with tempfile.TemporaryDirectory(prefix="fme-pictures-") as folder:
        for name in (*COMMANDS, *STATES):
            if name not in wanted:
                continue
            file = _by_command(root, Path(folder), name) if name in COMMANDS else _by_state(root, Path(folder), name)
            if file.is_file():
                keep(file, root / "docs" / "images" / f"{name}.png")
            else:
                failed.append(name)
            print(f"{name}: {'drawn' if file.is_file() else 'NOT DRAWN'}", flush=True)
    print(f"by hand: {', '.join(BY_HAND)}", flush=True)
    return failed


def keep(drawn: Path, target: Path) -> None:
    """Puts a picture where the pages look for it; of the window in 256 colours, which is a third of the size. Figures stay as made."""
    from PIL import Image

    if COMMANDS.get(target.stem, "").startswith("figure"):
        shutil.copyfile(drawn, target)
        return
    with Image.open(drawn) as opened:
        picture = opened.convert("RGB")
    picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(target, optimize=True)


def _by_command(root: Path, folder: Path, name: str) -> Path:
    file = folder / f"{name}.png"
    command = [sys.executable, "-m", "explorer", *shlex.split(COMMANDS[name]), "--out", str(file)]
    home = {**os.environ, "FME_HOME": str(folder / name), "QT_QPA_PLATFORM": "offscreen"}  # nothing of the person's own
    subprocess.run(command, cwd=root, check=False, stdout=subprocess.DEVNULL, env=home)
    return file


def _by_state(root: Path, folder: Path, name: str) -> Path:
    # A process for each: one that waits in vain for a busy machine takes no other with it.
    command = [sys.executable, "-m", "tests.pictures", "--out", str(folder), "--theme", "dark", "--only", STATES[name]]
    subprocess.run(command, cwd=root, check=False, stdout=subprocess.DEVNULL)
    return folder / f"{STATES[name]}-dark-1280x800.png"

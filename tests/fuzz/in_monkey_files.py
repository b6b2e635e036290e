"""What the monkey opens: pictures, clips, weights, Python files, sessions, and such as cannot be opened."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

NET = """import torch
from torch import nn
TRAINED = False
def make_model():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(4), nn.Conv2d(6, 9, 3), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(9, 5))
"""
RAISES = """from torch import nn
class N(nn.Module):
    def forward(self, x):
        raise KeyError('never')
def make_model():
    return N()
"""


def make_files(folder: Path) -> dict[str, list[str]]:
    """Paths by kind: pictures, videos, python, others."""
    from PIL import Image

    rng = np.random.default_rng(0)
    pictures = folder / "pictures"
    pictures.mkdir()
    for number, size in enumerate(((40, 30, 3), (300, 200, 3), (1, 1, 3), (64, 64, 4), (50, 70))):
        Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(pictures / f"p{number}.png")
    (folder / "broken.png").write_bytes((pictures / "p1.png").read_bytes()[:900])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "net.py").write_text(NET, encoding="utf-8")
    (folder / "raises.py").write_text(RAISES, encoding="utf-8")
    (folder / "syntax.py").write_text("def (:\n", encoding="utf-8")
    (folder / "noise.pth").write_bytes(rng.bytes(2000))
    (folder / "noise").write_bytes(rng.bytes(200))
    (folder / "half.fmx.json").write_text('{"format": 1, "tap": ', encoding="utf-8")
    told = {"format": 1, "model": {"id": "demo:shapes-vit"}, "input": {"kind": "scene", "frame": 3}, "tap": "head"}
    (folder / "good.fmx.json").write_text(json.dumps(told), encoding="utf-8")
    _clip(folder / "clip.mkv", rng)
    (folder / "cut.mkv").write_bytes((folder / "clip.mkv").read_bytes()[:5000])
    (folder / "nothing here").mkdir()
    names = (
        "broken.png",
        "empty.jpg",
        "noise.pth",
        "noise",
        "half.fmx.json",
        "good.fmx.json",
        "nothing here",
        "gone.png",
    )
    return {
        "pictures": [str(path) for path in sorted(pictures.iterdir())],
        "folders": [str(pictures), str(folder / "nothing here")],
        "videos": [str(folder / "clip.mkv"), str(folder / "cut.mkv")],
        "python": [str(folder / name) for name in ("net.py", "raises.py", "syntax.py")],
        "others": [*(str(folder / name) for name in names), "/nowhere/at all.png"],
    }


def _clip(path: Path, rng: np.random.Generator) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 6
        for _ in range(60):
            pixels = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())

"""Stand-ins for encoders: FFmpeg loads, decodes what the real ones wrote to the same pixels, and is refused as an encoder."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
WRITE = """
import sys, av, numpy as np
for codec, file in (("libx264", sys.argv[1]), ("libx265", sys.argv[2])):
    av.logging.set_level(None)
    with av.open(file, "w") as target:
        stream = target.add_stream(codec, rate=10, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(6):
            pixels = np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        target.mux(stream.encode())
"""
READ = """
import hashlib, json, sys, av
found = {"from": av.__file__, "pixels": [], "refused": []}
for file in sys.argv[1:]:
    with av.open(file) as source:
        name = source.streams.video[0].codec_context.name
        frames = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    whole = b"".join(frame.tobytes() for frame in frames)
    found["pixels"].append((name, len(frames), hashlib.sha256(whole).hexdigest()))
av.logging.set_level(None)
for codec in ("libx264", "libx265"):
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = 64, 48, "yuv420p", 10
    try:
        encoder.open()
    except av.error.FFmpegError:
        found["refused"].append(codec)
print(json.dumps(found))
"""


@pytest.fixture
def encoders(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("installers.encoders")


@pytest.fixture
def wheel() -> Path:
    """The folder of PyAV's libraries, where this is the wheel of Linux and there is a compiler."""
    libraries = Path(pytest.importorskip("av").__file__).parents[1] / "av.libs"
    if not sys.platform.startswith("linux") or not list(libraries.glob("libx264-*")):
        pytest.skip("PyAV is not here as the wheel for Linux with its own FFmpeg")
    if shutil.which("gcc") is None or shutil.which("nm") is None:
        pytest.skip("gcc or nm is not on this machine")
    return libraries


def run(code: str, *given: str, first: str = "") -> str:
    environment = {**os.environ, "PYTHONPATH": first}
    command = [sys.executable, "-W", "ignore", "-c", code, *given]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ffmpeg_decodes_alike_with_stand_ins_and_is_refused_as_encoder(
    encoders: ModuleType, wheel: Path, tmp_path: Path
) -> None:
    files = [str(tmp_path / "a.mp4"), str(tmp_path / "b.mkv")]
    run(WRITE, *files)
    real = json.loads(run(READ, *files))
    assert [entry[:2] for entry in real["pixels"]] == [["h264", 6], ["hevc", 6]]
    assert real["refused"] == []

    shutil.copytree(wheel.parent / "av", tmp_path / "new" / "av")
    shutil.copytree(wheel, tmp_path / "new" / "av.libs")
    sources = [(f"av.libs/{file.name}", str(file), "BINARY") for file in wheel.iterdir()]
    entries = encoders.replaced(sources, tmp_path / "made")
    changed = [(path, source) for path, source, _ in entries if source != str(wheel / Path(path).name)]
    assert sorted(path.split("-")[0] for path, _ in changed) == ["av.libs/libx264", "av.libs/libx265"]
    for path, source in changed:
        assert Path(source).stat().st_size < 50_000
        shutil.copy(source, tmp_path / "new" / path)
    stood = json.loads(run(READ, *files, first=str(tmp_path / "new")))
    assert stood["from"].startswith(str(tmp_path))
    assert stood["pixels"] == real["pixels"]
    assert stood["refused"] == ["libx264", "libx265"]


def test_only_the_two_encoders_are_meant(encoders: ModuleType) -> None:
    names = ["av.libs/libx264-d6.so.165", "libx265.so.216", r"av.libs\libx265-1.dll", "av.libs/libavcodec-5e.so.62"]
    assert [encoders.is_gpl(name) for name in names] == [True, True, True, False]
    assert not encoders.is_gpl("libX11.so.6")

"""Inputs: where they come from, and how they become a model's input tensor."""

from __future__ import annotations

from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture


def named_input(text: str) -> InputRef:
    """What a command line names: `sample:NAME`, `scene:SIZE` (unless a file is called so), a picture or a video file."""
    from explorer.engine.inputs.folder import is_video

    kind, _, name = text.partition(":")
    path = Path(text)
    if kind == "sample" and not path.exists():
        return InputRef("sample", name)
    if kind == "scene" and not path.exists():
        return InputRef("scene", name)
    return InputRef("video" if is_video(path) else "picture", str(path.absolute()))


def open_input(ref: InputRef) -> Picture:
    """The input that a reference names: a picture file, a sample, a frame of a video or of the test scene.

    Raises ExplorerError when it cannot be opened; what came from the clipboard or the camera is gone.
    """
    from explorer.engine.inputs import pictures, samples, scene, video

    if ref.kind == "picture":
        return pictures.open_picture(ref.path)
    if ref.kind == "sample":
        return samples.open_sample(ref.path)
    if ref.kind == "scene":
        return scene.scene_from_ref(ref)
    if ref.kind == "video":
        with video.Video(ref.path) as opened:
            return opened.read(ref.frame)
    raise ExplorerError(
        f"The picture from the {ref.kind} is no longer available.",
        "It was never in a file, so it cannot be opened again.",
        "Paste it again." if ref.kind == "clipboard" else "Start the camera again.",
    )

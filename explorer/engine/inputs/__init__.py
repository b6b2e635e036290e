"""Inputs: where they come from, and how they become a model's input tensor."""

from __future__ import annotations

from explorer.core.types import ExplorerError, InputRef, Picture


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
        f"The picture from the {ref.kind} is gone.",
        "It was never in a file, so it cannot be opened again.",
        "Paste it again." if ref.kind == "clipboard" else "Start the camera again.",
    )

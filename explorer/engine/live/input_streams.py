"""Inputs that move, as streams of frames: video files and the animated test scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.translation import tr
from explorer.engine.inputs.scene import scene_frame
from explorer.engine.inputs.video import Video
from explorer.engine.live.frame_stream import FrameStream


def video_frames(path: str, start: int) -> Callable[[], Iterator[Picture]]:
    """Frames of a video file from one on, decoded where they are asked for."""

    def frames() -> Iterator[Picture]:
        with Video(Path(path)) as video:
            last = start
            for picture in video.frames(start):
                last = picture.ref.frame
                yield picture
            if video.ended or last + 1 < (video.count or 0):
                why = video.ended or tr(
                    "After frame {last} of {count} nothing more could be read.", last=last, count=video.count
                )
                raise ExplorerError(
                    tr("“{path}” ends before its end.", path=video.path.name),
                    why,
                    tr("Repair it, or take a whole copy."),
                )

    return frames


def scene_frames(start: int) -> Callable[[], Iterator[Picture]]:
    """Frames of the animated test scene, without end."""
    return lambda: (scene_frame(index) for index in count(start))


def live_source(ref: InputRef, paced: bool = True) -> FrameStream:
    """A FrameStream for a video or the test scene; `paced` False hands over every frame as fast as it is taken."""
    if ref.kind == "video":
        with Video(Path(ref.path)) as video:
            fps = video.fps
        return FrameStream(video_frames(ref.path, ref.frame), fps if paced else None)
    if ref.kind == "scene":
        return FrameStream(scene_frames(ref.frame), 30.0 if paced else None)
    raise ExplorerError(tr("This input does not move."), "", tr("Open a video, the camera or the test scene."))

"""The kinds of inputs that come with the program."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.core.input_files import PICTURE_SUFFIXES, SOUND_SUFFIXES, VIDEO_SUFFIXES
from explorer.core.input_kind import InputKind
from explorer.core.inputs import InputRef, Picture
from explorer.core.sounds import Sound
from explorer.core.translation import tr

_HERE = "explorer.engine.inputs.built_in"


def open_picture(ref: InputRef) -> Picture:
    """A picture file."""
    from explorer.engine.inputs import pictures

    return pictures.open_picture(ref.path)


def open_frame(ref: InputRef) -> Picture:
    """A frame of a video file."""
    from explorer.engine.inputs import video

    with video.Video(ref.path) as opened:
        return opened.read(ref.frame)


def open_heard(ref: InputRef) -> Sound:
    """A sound file, or the sound track of a video; a window of it where the reference says one."""
    from explorer.engine.sound.sound_files import open_sound

    return open_sound(ref.path, ref.start, ref.length or None)


def open_lost(ref: InputRef) -> Picture:
    """What was never in a file."""
    from explorer import catalogue

    kind = catalogue.inputs.get(ref.kind)
    raise ExplorerError(
        tr(
            "The {sound} from the {kind} is no longer available.",
            sound=tr("sound") if ref.kind == "microphone" else tr("picture"),
            kind=ref.kind,
        ),
        tr("It was never in a file, so it cannot be opened again."),
        kind.again if kind is not None else "",
    )


PICTURE = InputKind("picture", tr("Picture"), f"{_HERE}:open_picture", tuple(PICTURE_SUFFIXES))
VIDEO = InputKind("video", tr("Video"), f"{_HERE}:open_frame", tuple(VIDEO_SUFFIXES))
SOUND = InputKind("sound", tr("Sound"), f"{_HERE}:open_heard", tuple(SOUND_SUFFIXES), named=True)
SAMPLE = InputKind("sample", tr("Sample"), "explorer.engine.data_sets.sample_inputs:sample_from_ref", named=True)
SCENE = InputKind("scene", tr("Animated test scene"), "explorer.engine.inputs.scene:scene_from_ref", named=True)
TEXT = InputKind("text", tr("Text"), "explorer.engine.inputs.text_lines:open_typed", named=True)
LINES = InputKind("lines", tr("Lines of text"), "explorer.engine.inputs.text_lines:open_line", (".txt",))
CAMERA = InputKind("camera", tr("Camera"), f"{_HERE}:open_lost", again=tr("Start the camera again."))
MICROPHONE = InputKind(
    "microphone", tr("Microphone"), f"{_HERE}:open_lost", named=True, again=tr("Start the microphone again.")
)
TENSOR = InputKind(
    "tensor",
    tr("Tensor of a Python program"),
    "explorer.engine.models.handed_over:handed_input",
    named=True,
    again=tr("Call explorer.show again."),
)
CLIPBOARD = InputKind("clipboard", tr("Clipboard"), f"{_HERE}:open_lost", again=tr("Paste it again."))

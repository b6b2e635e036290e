"""Orders of channels that PyAV (18.1) cannot handle without ending the program, kept away from it.

A sound may list its channels in an order of its own (AIFF, CAF and MOV have a chunk for that). PyAV copies the pointer to such a
list, and frees it once for each copy: `layout` and `channels` of a codec, and every decoded frame. And it looks for the end of a
list of planes that has none where there are eight or more.
"""

from __future__ import annotations

from typing import Any

from explorer.core.translation import tr

# One for each number of channels; more have no names.
_NAMES = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
# Decoders that take the order they are given, or have none but FFmpeg's own.
_PLAIN = ("pcm_", "adpcm_", "flac", "mp3", "vorbis")
_SAFE_PLANES = 7
_kept: list[Any] = []  # what must never be freed; about a hundred bytes each


def plain_layout(context: Any) -> int:
    """The number of channels of a decoder that is not open yet, which is given an order of that number without a list."""
    layout = context.layout
    _kept.append(layout)
    channels = int(layout.nb_channels)
    if 1 <= channels <= 64:
        context.layout = _NAMES.get(channels, tr("{channels} channels", channels=channels))
    return channels


def keep_layout(frame: Any, codec: str) -> None:
    """Of a frame that has just been decoded: its order stays for good where it may be a list."""
    if not codec.startswith(_PLAIN) and frame.layout.name not in ("mono", "stereo", "1 channels", "2 channels"):
        _kept.append(frame.layout)


def safe_planes(frame: Any) -> Any:
    """The frame, or the same samples side by side in one plane. Raises ValueError where that cannot be."""
    import av

    if not frame.format.is_planar or frame.layout.nb_channels <= _SAFE_PLANES:
        return frame
    packer = av.AudioResampler(format=frame.format.name.removesuffix("p"), layout=frame.layout.name, rate=frame.rate)
    parts = packer.resample(frame)
    if len(parts) != 1 or parts[0].samples != frame.samples:
        raise ValueError(tr("the order of the channels is not known"))
    return parts[0]

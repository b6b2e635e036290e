"""A byte-budgeted store of captures, oldest use out first. Written by the worker, readable from any thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input, nbytes_of

Key = (
    tuple[str, str] | tuple[str, str, str]
)  # (ModelCard.digest, Picture.digest), and the digest of edits if there are any
MOVING = ("video", "scene", "camera", "microphone")  # kinds of inputs of which every frame is another picture
FRAMES = 8  # of each of them, and windows of a long sound, that are kept: enough to step to and fro


def default_budget() -> int:
    """A quarter of the machine's memory in bytes, 1 GiB where it is not known."""
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return 1 << 30


def choose(taps: Iterable[Tap], budget: int, around: str) -> tuple[list[str], list[str]]:
    """(kept, dropped) names of observable taps: nearest in depth to `around` first, while their bytes fit the budget.

    The tap `around` itself is always kept: it is on the screen.
    """
    seen = [tap for tap in taps if tap.observable]
    centre = next((i for i, tap in enumerate(seen) if tap.name == around), 0)
    alike = {tap.name: tap.alias or tap.name for tap in seen}
    kept: set[str] = set()
    paid: set[str] = set()
    left = budget
    for i in sorted(range(len(seen)), key=lambda i: abs(i - centre)):
        tap = seen[i]
        cost = 0 if alike[tap.name] in paid else tap.nbytes
        if cost > left and tap.name != around:
            continue
        left -= cost
        paid.add(alike[tap.name])
        kept.add(tap.name)
    return [t.name for t in seen if t.name in kept], [t.name for t in seen if t.name not in kept]


class CaptureStore:
    """At most `budget` bytes of captures with their pictures; the newest is kept even when it alone is larger (its own taps
    obey the budget). Of a clip only the newest frames are kept, however much the budget allows: who scrubs through a video
    makes new ones for ever and seldom comes back to an old one."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._captures: OrderedDict[Key, Capture] = OrderedDict()

    def get(self, key: Key) -> Capture | None:
        with self._lock:
            if key in self._captures:
                self._captures.move_to_end(key)
            return self._captures.get(key)

    def put(self, capture: Capture) -> None:
        plain = (capture.model, capture.picture.digest)
        key: Key = (*plain, capture.edits) if capture.edits else plain
        with self._lock:
            self._captures[key] = capture
            self._captures.move_to_end(key)
            for old in self._frames_like(capture)[:-FRAMES]:
                del self._captures[old]
            while len(self._captures) > 1 and self._bytes() > self.budget:
                self._captures.popitem(last=False)

    def make_room(self, nbytes: int) -> None:
        """Lets go of what would have to go for another capture of this size: its memory can take the new one's values."""
        with self._lock:
            while self._captures and self._bytes() + nbytes > self.budget:
                self._captures.popitem(last=False)

    def pictures(self, model: str, but: str = "") -> list[Input]:
        """The pictures of one model (its digest) that are held, without the one of the digest `but`."""
        with self._lock:
            return [c.picture for key, c in self._captures.items() if key[0] == model and key[1] != but and not c.edits]

    def forget(self, model: str) -> None:
        """Drops every capture of one model (its digest)."""
        with self._lock:
            for key in [key for key in self._captures if key[0] == model]:
                del self._captures[key]

    def clear(self) -> None:
        with self._lock:
            self._captures.clear()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return self._bytes()

    def _bytes(self) -> int:
        held = list(self._captures.values())
        inputs = {id(c.picture): nbytes_of(c.picture) for c in held}
        return sum(capture.nbytes for capture in held) + sum(inputs.values())

    def _frames_like(self, capture: Capture) -> list[Key]:
        """Keys of the captures of the same clip by the same model, longest unused first; none of what stands still."""
        ref = capture.picture.ref
        if ref.kind not in MOVING and not ref.length:
            return []
        return [
            key
            for key, known in self._captures.items()
            if known.model == capture.model
            and (known.picture.ref.kind, known.picture.ref.path) == (ref.kind, ref.path)
            and (ref.kind in MOVING or known.picture.ref.length)
        ]

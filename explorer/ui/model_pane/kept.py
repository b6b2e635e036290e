"""What the edits of the kind "freeze" put: values of layers on pictures that may long have gone."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.interventions import Edits, Frozen


class KeptValues:
    """One layer on one picture at a time; only as long as some edits need them."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Array] = {}  # (Picture.digest, tap)

    def keep(self, capture: Capture | None, tap: str) -> str:
        """Keeps a layer of a capture without edits; the picture's digest, "" where the layer is not there."""
        values = None if capture is None or capture.edits else capture.values.get(tap)
        if capture is None or values is None:
            return ""
        self._values[capture.picture.digest, tap] = values
        return capture.picture.digest

    def take(self, frozen: Frozen) -> None:
        """Keeps what another one has given out."""
        self._values |= {(source, tap): values for source, some in frozen.items() for tap, values in some.items()}

    def of(self, needing: Iterable[Edits]) -> Frozen:
        """What these edits need, as the engine takes it; the rest is let go."""
        needed = {(edit.source, edit.tap) for edits in needing for edit in edits if edit.source}
        self._values = {key: values for key, values in self._values.items() if key in needed}
        frozen: dict[str, dict[str, Array]] = {}
        for (source, tap), values in self._values.items():
            frozen.setdefault(source, {})[tap] = values
        return frozen

"""What pages draw over the input: on a picture, or on the tokens of a text."""

from __future__ import annotations

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.widgets.text_input import TextInput


class DrawnInput:
    """Hands on to the one of both that is seen. Of a text a picture is one row high, a colour for each token."""

    def __init__(self, picture: ImagePanel, text: TextInput) -> None:
        self._picture, self._text = picture, text

    def set_heat(
        self,
        rgba: Array | None,
        box: Box | None = None,
        strength: float = 0.6,
        sharp: bool = False,
        within: Box | None = None,
    ) -> None:
        """A picture over the whole input or over a box of it; None: nothing. A finished picture (h, w) is of a picture or a sound: over
        a text, which may have come before the page knows of it, it is none."""
        if self._text.isHidden():
            self._picture.set_heat(rgba, box, strength, sharp, within)
        else:
            self._text.set_colours(
                None if rgba is None or rgba.ndim < 3 else rgba[0], int(box.x0) if box is not None else 0
            )

    def set_window(self, box: Box | None) -> None:
        """A frame, in places of the input."""
        if self._text.isHidden():
            self._picture.set_window(box)
        else:
            self._text.set_marked(None if box is None else int((box.x0 + box.x1) / 2))

    def set_border(self, mask: Array | None) -> None:
        """A line round some cells (h, w) of what lies over a picture, None: none."""
        if self._text.isHidden():
            self._picture.set_border(mask)

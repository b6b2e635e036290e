"""What is explained: a class logit, a channel of a tap, or one cell of a channel."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.geometry.cells import prefix_name
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class Target:
    """One number of a forward.

    | tap | cell | the number |
    |---|---|---|
    | "" | None | entry `channel` of the model's class vector, as the model returns it: usually the logit |
    | a name | None | the mean of the channel over all its cells; prefix tokens and padding are left out |
    | a name | (y, x) | the channel at that cell of the tap's grid; (0, t) in a sequence; (-1, t) of the prefix token t |

    The mean, not the sum, so that taps with more cells do not count for more.
    """

    tap: str = ""
    channel: int = 0
    cell: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """What stands beside a picture: "class 285", "features.3 · channel 12 (mean)", "features.3 · channel 12 at 4, 7"."""
        if not self.tap:
            return tr("class {channel}", channel=self.channel)
        where = (
            "(mean)"
            if self.cell is None
            else tr("at {cell}, {cell2}", cell=self.cell[0], cell2=self.cell[1])
            if self.cell[0] >= 0
            else tr("at {prefix_name}", prefix_name=prefix_name(self.cell[1]))
        )
        return tr("{tap} · channel {channel} {where}", tap=self.tap, channel=self.channel, where=where)


def class_logit(index: int) -> Target:
    """Entry `index` of the model's class vector."""
    return Target("", index)

"""Which of the best pictures of each channel are others in another model, over the same data set."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.data_index import ChannelTop

COUNT = 9


@dataclass(frozen=True, slots=True, eq=False)
class ChangedChannel:
    """A channel in both models: its best pictures by name, the best first, with their values."""

    first: tuple[tuple[str, float], ...]
    second: tuple[tuple[str, float], ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """Pictures that are among the best of both."""
        there = {name for name, _ in self.second}
        return tuple(name for name, _ in self.first if name in there)

    @property
    def gone(self) -> tuple[str, ...]:
        """Those of the first alone."""
        return _lacking(self.first, self.second)

    @property
    def new(self) -> tuple[str, ...]:
        """Those of the second alone."""
        return _lacking(self.second, self.first)

    @property
    def changed(self) -> int:
        """How many of the best are others."""
        return max(len(self.gone), len(self.new))


def _lacking(entries: tuple[tuple[str, float], ...], others: tuple[tuple[str, float], ...]) -> tuple[str, ...]:
    there = {name for name, _ in others}
    return tuple(name for name, _ in entries if name not in there)


@dataclass(frozen=True, slots=True, eq=False)
class ChangedExamples:
    """Every channel of a layer of two models over the pictures of `data`, which both indexes have."""

    taps: tuple[str, str]
    data: str
    pictures: tuple[int, int]
    channels: tuple[ChangedChannel, ...]

    @property
    def most(self) -> int:
        """The channel with the most changes; the first of several."""
        return max(range(len(self.channels)), key=lambda at: (self.channels[at].changed, -at), default=0)

    @property
    def mean(self) -> float:
        """Changes of a channel, over all channels."""
        return sum(channel.changed for channel in self.channels) / max(len(self.channels), 1)


def channel_of(first: ChannelTop, second: ChannelTop) -> ChangedChannel:
    """From the lists of both. Where an activation is clipped, entries of exactly zero are ties and in neither."""
    one, other = (
        tuple((entry.picture.name, entry.value) for entry in top.entries if entry.value) for top in (first, second)
    )
    return ChangedChannel(one, other)


def turned(found: ChangedExamples) -> ChangedExamples:
    """With the models exchanged."""
    channels = tuple(ChangedChannel(channel.second, channel.first) for channel in found.channels)
    return ChangedExamples(found.taps[::-1], found.data, found.pictures[::-1], channels)

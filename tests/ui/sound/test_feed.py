"""What a player gives its device, and which frame is heard."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.ui.sound.feed import AHEAD, TAIL, Feed

RATE = 1000
SOUND = np.arange(1, 3001, dtype=np.float32)[None]  # three seconds


def taken(feed: Feed, frames: int) -> list[float]:
    part = feed.take(frames)
    feed.give(part.shape[1])
    values: list[float] = part[0].tolist()
    return values


def test_a_sound_is_followed_by_silence_and_then_by_nothing() -> None:
    feed = Feed(SOUND, RATE, 2990, False)
    assert taken(feed, 4) == [2991, 2992, 2993, 2994]
    assert taken(feed, 10) == [2995, 2996, 2997, 2998, 2999, 3000, 0, 0, 0, 0]
    assert taken(feed, 10_000) == [0] * (round(TAIL * RATE) - 4)
    assert taken(feed, 10_000) == []


def test_what_was_not_used_comes_again() -> None:
    feed = Feed(SOUND, RATE, 0, False)
    assert feed.take(4)[0].tolist() == [1, 2, 3, 4]
    feed.give(1)
    assert taken(feed, 2) == [2, 3]


def test_a_loop_has_no_gap_also_where_the_sound_is_shorter_than_what_is_asked_for() -> None:
    feed = Feed(SOUND[:, :3], RATE, 1, True)
    assert taken(feed, 8) == [2, 3, 1, 2, 3, 1, 2, 3]
    assert taken(feed, 2) == [1, 2]
    assert taken(feed, 0) == []
    assert not feed.over(10**6)


def test_the_place_that_is_heard_follows_what_the_device_has_taken() -> None:
    feed = Feed(SOUND, RATE, 500, False)
    assert feed.seconds(0) == feed.seconds(AHEAD) == 0.5
    assert feed.seconds(AHEAD + 100) == 0.6
    assert not feed.over(2500 + AHEAD - 1)
    assert feed.over(2500 + AHEAD)
    assert feed.seconds(2500 + AHEAD) == feed.seconds(10**6) == 3.0
    assert not feed.drained(2500 + AHEAD - 400)
    assert feed.drained(2500 + round(TAIL * RATE))


def test_in_a_loop_it_begins_anew() -> None:
    feed = Feed(SOUND, RATE, 0, True)
    assert feed.seconds(AHEAD + 3000) == 0
    assert feed.seconds(AHEAD + 7250) == pytest.approx(1.25)


def test_a_loop_that_ends_lets_the_pass_end_that_is_heard() -> None:
    feed = Feed(SOUND, RATE, 0, True)
    taken(feed, 3100)  # the next pass is in the buffer already
    feed.set_loop(False, AHEAD + 2900)
    assert feed.spilled
    assert feed.over(AHEAD + 3000)
    feed = Feed(SOUND, RATE, 0, True)
    taken(feed, 3100)
    feed.set_loop(False, AHEAD + 3050)
    assert not feed.spilled
    assert taken(feed, 2902)[-3:] == [3000, 0, 0]


def test_a_loop_that_begins_while_it_plays() -> None:
    feed = Feed(SOUND, RATE, 0, False)
    taken(feed, 3000)
    feed.set_loop(True, AHEAD)
    assert taken(feed, 2) == [1, 2]
    feed = Feed(SOUND, RATE, 0, False)
    taken(feed, 3010)
    feed.set_loop(True, AHEAD)  # too late: silence is behind it already
    assert feed.over(AHEAD + 3000)


def test_a_loop_that_ended_and_begins_again() -> None:
    feed = Feed(SOUND, RATE, 0, True)
    taken(feed, 3100)
    feed.set_loop(False, AHEAD + 10)
    feed.set_loop(True, AHEAD + 20)
    assert feed.end is None
    assert not feed.spilled
    assert taken(feed, 1) == [101]
    feed.set_loop(False, AHEAD + 30)
    assert taken(feed, 5) == [0] * 5  # behind what was in the buffer
    feed.set_loop(True, AHEAD + 40)
    assert feed.over(AHEAD + 3000)

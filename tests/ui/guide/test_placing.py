"""A card stands inside the window, and over as little of its target as can be."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize

from explorer.ui.guide.placing import place

ROOM = QRect(0, 0, 1280, 770)
SIZE = QSize(300, 220)


@pytest.mark.parametrize(
    "target",
    [
        QRect(8, 40, 240, 560),  # left column
        QRect(966, 40, 306, 560),  # right column
        QRect(8, 600, 1264, 160),  # strip
        QRect(1180, 330, 60, 24),  # a tab
        QRect(500, 200, 200, 200),
        QRect(0, 0, 40, 20),
    ],
)
def test_it_does_not_cover_what_it_points_at(target: QRect) -> None:
    card = QRect(place(ROOM, SIZE, target), SIZE)
    assert ROOM.contains(card)
    assert not card.intersects(target)


def test_what_is_to_be_kept_free_is_kept_free_where_there_is_room() -> None:
    target, free = QRect(1180, 330, 60, 24), (QRect(966, 40, 306, 560), QRect(8, 40, 240, 500))
    card = QRect(place(ROOM, SIZE, target, free), SIZE)
    assert not any(card.intersects(each) for each in (target, *free))


def test_over_a_target_as_large_as_the_window_it_is_still_inside() -> None:
    assert ROOM.contains(QRect(place(ROOM, SIZE, ROOM), SIZE))
    assert ROOM.contains(QRect(place(ROOM, SIZE, None), SIZE))
    assert ROOM.contains(QRect(place(ROOM, SIZE, QRect()), SIZE))

"""Where a card stands: beside what it points at, inside the window, over as little as can be. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize

_GAP = 6  # px between the card and what it points at, and to the edge


def place(room: QRect, size: QSize, target: QRect | None, keep_free: tuple[QRect, ...] = ()) -> QPoint:
    """The upper left corner of a card of a size. What it points at counts most, then what is to be kept free, then nearness."""
    if target is None or target.isEmpty():
        return QPoint(room.right() - size.width() - _GAP, room.bottom() - size.height() - _GAP)

    def cost(corner: QPoint) -> tuple[int, int, int]:
        card = QRect(corner, size)
        away = card.center() - target.center()
        free = sum(_covered(card, each) for each in keep_free)
        return _covered(card, target), free, abs(away.x()) + abs(away.y())

    return min((_inside(room, size, corner) for corner in _corners(room, size, target)), key=cost)


def _corners(room: QRect, size: QSize, target: QRect) -> Iterator[QPoint]:
    """Each side of the target in three places, and the corners of the window."""
    wide, high = size.width(), size.height()
    xs = (target.left(), target.center().x() - wide // 2, target.right() - wide + 1)
    ys = (target.top(), target.center().y() - high // 2, target.bottom() - high + 1)
    for y in ys:
        yield QPoint(target.right() + 1 + _GAP, y)
        yield QPoint(target.left() - wide - _GAP, y)
    for x in xs:
        yield QPoint(x, target.bottom() + 1 + _GAP)
        yield QPoint(x, target.top() - high - _GAP)
    for x in (room.left() + _GAP, room.right() - wide - _GAP):
        for y in (room.top() + _GAP, room.bottom() - high - _GAP):
            yield QPoint(x, y)


def _inside(room: QRect, size: QSize, corner: QPoint) -> QPoint:
    right, bottom = room.right() - size.width() - _GAP, room.bottom() - size.height() - _GAP
    return QPoint(
        max(min(corner.x(), right), room.left() + _GAP),
        max(min(corner.y(), bottom), room.top() + _GAP),
    )


def _covered(one: QRect, other: QRect) -> int:
    both = one & other
    return max(both.width(), 0) * max(both.height(), 0)

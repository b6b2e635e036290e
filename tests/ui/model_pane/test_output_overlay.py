"""Class maps and boxes over the picture and as lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.boxes import Box
from explorer.core.geometry.affine import Affine
from explorer.core.model_output import UNREAD, Boxes, ClassArea, ClassMap, FoundBox, Guess
from explorer.core.render.class_colours import class_colour
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.model_pane.output_overlay import OutputOverlay
from explorer.ui.widgets.output_controls import OutputControls
from explorer.ui.widgets.prediction import PredictionBars

Show = Callable[..., Any]
CELLS = np.array([[0, 2], [2, 2]], np.uint16)
MAP = ClassMap("out", CELLS, 3, Box(0, 0, 20, 20), (ClassArea(2, "bird", 0.75), ClassArea(0, "background", 0.25)))
FOUND = (FoundBox(1, "cat", 0.9, Box(2, 3, 12, 13)), FoundBox(2, "dog", 0.4, Box(0, 0, 20, 20)))
BOXES = Boxes("0", FOUND, Affine(1, 1, 0, 0))


class Shown:
    def __init__(self, show: Show) -> None:
        self.picture, self.lines, self.controls = ImagePanel(), PredictionBars(), OutputControls()
        holder = QWidget()
        column = QVBoxLayout(holder)
        for widget in (self.picture, self.lines, self.controls):
            column.addWidget(widget)
        self.holder = show(holder, 240, 500)
        self.picture.set_picture(np.zeros((20, 20, 3), np.uint8))
        self.overlay = OutputOverlay(self.picture, self.lines, self.controls)


@pytest.fixture
def shown(show: Show) -> Shown:
    return Shown(show)


def test_a_class_map_lies_over_the_picture_and_a_click_shows_one_class(shown: Shown) -> None:
    assert shown.overlay.show(MAP, "untrained, seed 0")
    assert shown.lines.classes == [2, 0]
    drawn = shown.picture.classes.image
    assert tuple(drawn[0, 1]) == (*class_colour(2), 255)
    assert drawn[0, 0, 3] == 0  # the background
    shown.controls.slider.setValue(30)
    assert shown.picture.classes.opacity() == pytest.approx(0.3)
    shown.lines._choose(1)
    assert [shown.picture.classes.image[0, 0, 3], shown.picture.classes.image[0, 1, 3]] == [255, 0]
    shown.lines._choose(1)
    assert [shown.picture.classes.image[0, 0, 3], shown.picture.classes.image[0, 1, 3]] == [0, 255]


def test_a_heat_map_takes_the_place_of_the_class_map(shown: Shown) -> None:
    shown.overlay.show(MAP)
    shown.picture.set_heat(np.zeros((2, 2, 4), np.uint8))
    assert not shown.picture.classes.isVisible()
    shown.picture.set_heat(None)
    assert shown.picture.classes.isVisible()


def test_boxes_from_the_least_score_on(shown: Shown) -> None:
    assert shown.overlay.show(BOXES)
    assert [box.text for box in shown.picture.boxes.boxes] == ["cat 0.90"]
    shown.controls.slider.setValue(40)
    assert [box.text for box in shown.picture.boxes.boxes] == ["cat 0.90", "dog 0.40"]
    shown.lines._choose(1)
    (only,) = shown.picture.boxes.boxes
    assert (only.text, only.strong) == ("dog 0.40", True)
    assert [frame.label for frame in shown.picture.figure_part.frames] == ["dog 0.40"]


def test_what_was_found_goes_with_its_output(shown: Shown) -> None:
    shown.overlay.show(BOXES)
    chosen: list[int] = []
    shown.lines.chosen.connect(chosen.append)
    shown.lines._choose(0)
    assert not chosen  # no class whose evidence could be asked for
    assert not shown.overlay.show(UNREAD)
    shown.lines.set_guesses([Guess(4, "ring", 1.0, 0.6), Guess(5, "star", 1.0, 0.4)])
    assert not shown.picture.boxes.boxes
    assert shown.controls.isHidden()
    shown.lines._choose(1)
    assert chosen == [5]


def test_a_box_that_was_picked_is_none_of_the_next_picture(shown: Shown) -> None:
    shown.controls.score = 0.0
    shown.overlay.show(BOXES)
    shown.lines._choose(1)
    shown.overlay.show(BOXES)
    assert len(shown.picture.boxes.boxes) == 1
    shown.overlay.show(Boxes("0", FOUND[::-1], Affine(1, 1, 0, 0)))
    assert len(shown.picture.boxes.boxes) == 2

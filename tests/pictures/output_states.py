"""Models that find classes of cells, or objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from tests.pictures.picture_state import State, explore
from tests.support.output_nets import BRIGHT_BOXES, CLASSES_BY_COLOUR, TWO_PICTURES

CAT = InputRef("sample", "cat")


def output_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where the models' files are written."""
    segmentation = _model(folder / "classes_by_colour.py", CLASSES_BY_COLOUR)
    detection = _model(folder / "bright_boxes.py", BRIGHT_BOXES)
    several = _model(folder / "two_pictures.py", TWO_PICTURES)
    return {
        "output-class-map": State(explore("blur", model=segmentation, input=CAT, channel=0)),
        "output-one-class": State(explore("blur", model=segmentation, input=CAT, channel=0), _pick(0)),
        "output-boxes": State(explore("pool", model=detection, input=CAT, channel=0)),
        "inputs-several": State(explore("act", model=several, input=CAT, channel=0)),
        "inputs-dialog": State(explore("act", model=several, input=CAT, channel=0), dialog=_arguments),
        "output-no-boxes": State(explore("pool", model=detection, input=CAT, channel=0), _least(0.99)),
    }


def _model(path: Path, source: str) -> ModelSpec:
    path.write_text(source, encoding="utf-8")
    return ModelSpec(f"file:{path}:make_model")


def _arguments(app: Any) -> None:
    app.commands.choose_arguments()


def _pick(row: int) -> Callable[[Any], None]:
    return lambda app: app.explore.input.prediction._choose(row)


def _least(score: float) -> Callable[[Any], None]:
    return lambda app: app.explore.input.drawn.slider.setValue(round(100 * score))

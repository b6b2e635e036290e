"""What an output is: class maps and boxes against plain torch and numpy, on the original picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit
from explorer.core.model_output import NO_CLASS, Boxes, Classes, ClassMap, OtherOutput, output_json
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.render.class_colours import class_colour, painted_classes
from explorer.core.scores import OutputKind, Scores
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel, open_model
from explorer.engine.output.read_output import output_again, output_of
from tests.support.output_nets import BRIGHT_BOXES, CLASSES_BY_COLOUR

PRE = Preprocess(12, 16, fit="letterbox", mean=(0.0,) * 3, std=(1.0,) * 3)
LABELS = ("a", "b", "c")


def picture(height: int = 24, width: int = 20) -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), "noise")


def card(labels: tuple[str, ...] = LABELS, kind: OutputKind = "auto", output: str = "") -> ModelCard:
    spec = ModelSpec("file:net.py", output=output)
    return ModelCard(spec, "net", "file", WeightsInfo(True), PRE, labels, output_kind=kind)


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def job() -> Job:
    return Job(0, Lane.FORWARD, "", lambda _event: None)


def test_every_cell_has_the_class_of_the_largest_score() -> None:
    scores = numbers(1, 3, 6, 8)
    found = output_of({"aux": -scores, "out": scores}, card(), None, picture())
    assert isinstance(found, ClassMap)
    assert found.key == "out"
    assert np.array_equal(found.cells, scores[0].argmax(0).numpy())
    # 24 × 20 px in 12 × 16: 10 wide in the middle; the map reaches past the picture by 6 px at each side
    assert (found.box.y0, found.box.x0, found.box.y1, found.box.x1) == (0.0, -6.0, 24.0, 26.0)
    seen = found.cells[:, [c for c in range(8) if 0 <= -6 + (c + 0.5) * 4 < 20]]
    shares = {area.index: area.share for area in found.areas}
    assert shares == {c: pytest.approx(float((seen == c).mean())) for c in np.unique(seen)}
    assert [area.share for area in found.areas] == sorted(shares.values(), reverse=True)
    assert {area.label for area in found.areas} <= set(LABELS)


def test_scores_that_are_not_finite_are_no_class() -> None:
    scores = numbers(1, 3, 4, 4)
    scores[0, 1, 2, 3] = float("nan")
    scores[0, 2, 0, 0] = float("inf")
    found = output_of({"out": scores}, card(), None, picture())
    assert isinstance(found, ClassMap)
    assert {(y, x) for y, x in np.argwhere(found.cells == NO_CLASS).tolist()} == {(2, 3), (0, 0)}
    assert tuple(painted_classes(found)[2, 3]) == (255, 0, 255, 255)


@pytest.mark.parametrize(
    ("output", "labels", "kind", "is_map"),
    [
        (numbers(1, 3, 4, 4), LABELS, "auto", True),  # a channel for each label
        (numbers(1, 3, 4, 4), (), "auto", False),  # may be a picture
        (numbers(1, 3, 4, 4), (), "class map", True),
        (numbers(1, 3, 4, 4), LABELS, "other", False),
        (numbers(1, 1, 4, 4), (), "auto", False),
        ({"out": numbers(1, 5, 4, 4)}, (), "auto", True),
        (numbers(2, 3, 4, 4), LABELS, "auto", False),
        (torch.zeros(1, 3, 4, 4, dtype=torch.long), LABELS, "auto", False),
    ],
)
def test_what_is_a_class_map(output: object, labels: tuple[str, ...], kind: OutputKind, is_map: bool) -> None:
    found = output_of(output, card(labels, kind), None, picture())
    assert isinstance(found, ClassMap) is is_map
    assert is_map or isinstance(found, OtherOutput)


def test_the_output_that_a_person_names_is_the_class_map() -> None:
    scores = numbers(1, 3, 4, 4)
    found = output_of({"out": -scores, "aux": scores}, card(output="aux"), None, picture())
    assert isinstance(found, ClassMap)
    assert np.array_equal(found.cells, scores[0].argmax(0).numpy())
    with pytest.raises(ExplorerError, match=r"no class map named nope.*out, aux"):
        output_of({"out": scores, "aux": scores}, card(kind="class map", output="nope"), None, picture())


def test_a_file_that_promises_what_is_not_there_is_told() -> None:
    for kind, words in (("class map", "no class map"), ("boxes", "no boxes")):
        with pytest.raises(ExplorerError, match=words):
            output_of(numbers(1, 3), card(kind=kind), Scores("", 3), picture())  # type: ignore[arg-type]


def test_boxes_lie_on_the_original_picture_the_best_first() -> None:
    boxes = torch.tensor([[3.0, 0, 8, 6], [0, 0, 16, 12], [4, 4, float("nan"), 6]])
    output = [{"boxes": boxes, "labels": torch.tensor([1, 7, 2]), "scores": torch.tensor([0.25, 0.75, 1.0])}]
    found = output_of(output, card(), None, picture())
    assert isinstance(found, Boxes)
    assert [(f.index, f.label, f.score) for f in found.found] == [(7, "class 7", 0.75), (1, "b", 0.25)]
    # letterbox by 0.5, 3 px of padding at the left: x = (x - 3) * 2, y = y * 2
    places = [(f.box.x0, f.box.y0, f.box.x1, f.box.y1) for f in found.found]
    assert places == [(-6.0, 0.0, 26.0, 24.0), (0.0, 0.0, 10.0, 12.0)]
    told = output_json(found)
    assert told["boxes"][1] == {"index": 1, "label": "b", "score": 0.25, "box": [0.0, 0.0, 10.0, 12.0]}  # type: ignore[index]


def test_no_boxes_are_boxes_too() -> None:
    none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.long), "scores": torch.zeros(0)}
    found = output_of([none], card(), None, picture())
    assert isinstance(found, Boxes)
    assert not found.found


def test_an_embedding_is_named_by_its_tensors() -> None:
    found = output_of({"a": numbers(1, 3, 4, 4), "b": numbers(1, 7)}, card(()), None, picture())
    assert isinstance(found, OtherOutput)
    assert found.text == "a: 1×3×4×4 float32, b: 1×7 float32"


class TwoByTwo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.head(self.conv(x).relu())
        return out - out.mean((2, 3), keepdim=True)


def test_edits_change_the_class_map_as_they_change_the_output() -> None:
    net, bench = TwoByTwo().eval(), ModelSession(10_000_000)
    opened = bench.adopt(LoadedModel(net, card()))
    capture = bench.capture(opened.card.digest, picture(), job())
    assert capture.prediction == ()
    assert isinstance(capture.output, ClassMap)
    assert capture.scores is None
    from explorer.engine.studies import Studies

    done = Studies(bench).ablate(capture, (Edit("conv", (1,)),), (), job())
    with torch.no_grad():
        maps = net.conv(input_tensor(picture(), PRE))
        maps[:, 1] = 0
        out = net.head(maps.relu())[0]
        true = (out - out.mean((1, 2), keepdim=True)).argmax(0).numpy()
    assert isinstance(done.output, ClassMap)
    assert np.array_equal(done.output.cells, true)
    assert not np.array_equal(done.output.cells, capture.output.cells)
    assert output_again(numbers(1, 2), Classes(), (), Scores("", 2), (4, 4)) != Classes()


def test_a_models_file_says_what_its_output_is(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(CLASSES_BY_COLOUR.replace("TRAINED = True", 'TRAINED = True\nOUTPUT = "other"'))
    assert open_model(ModelSpec(f"file:{path}:make_model"), trust_code=True).card.output_kind == "other"
    path.write_text(CLASSES_BY_COLOUR.replace("TRAINED = True", 'TRAINED = True\nOUTPUT = "masks"'))
    with pytest.raises(ExplorerError, match=r"OUTPUT.*masks.*classes, class map, boxes, other"):
        open_model(ModelSpec(f"file:{path}:make_model"), trust_code=True)


def test_boxes_are_no_class_vector(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(BRIGHT_BOXES)
    bench = ModelSession(10_000_000)
    opened = bench.adopt(open_model(ModelSpec(f"file:{path}:make_model"), trust_code=True))
    capture = bench.capture(opened.card.digest, picture(96, 96), job())
    assert isinstance(capture.output, Boxes)
    assert capture.scores is None
    means = picture(96, 96).pixels.reshape(3, 32, 3, 32, 3).mean((1, 3, 4)).ravel() / 255
    true = np.sort(np.clip(6 * np.abs(means - 0.5), 0, 1))[::-1]
    assert [f.score for f in capture.output.found] == pytest.approx(true.tolist(), abs=1e-5)


def test_neighbouring_classes_have_colours_far_apart() -> None:
    colours = np.array([class_colour(index) for index in range(21)], np.float64)
    steps = np.abs(np.diff(colours, axis=0)).sum(1)
    assert len({tuple(colour) for colour in colours.tolist()}) == 21
    assert steps.min() > 120

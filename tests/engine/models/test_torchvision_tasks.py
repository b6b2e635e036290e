"""torchvision's models for other tasks: the table against torchvision's own, what is built, what a file of weights decides."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.model_output import Boxes
from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.export import as_python
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import open_model
from explorer.engine.models import torchvision_models as zoo
from explorer.engine.models.torchvision_compat import import_torchvision
from explorer.engine.models.torchvision_tasks import TASKS, all_names, files_of, task_of, title_of


def test_the_table_is_torchvisions() -> None:
    import_torchvision()
    from torchvision import models

    for task in TASKS:
        assert list(task.files) == models.list_models(module=getattr(models, task.id))
        for name in task.files:
            assert tuple(recipe.file for recipe in zoo.recipes(name)) == files_of(name)
            assert (task_of(name), title_of(name)) == (task, task.title)
    assert len(set(all_names())) == len(all_names())


def test_segmentation_is_opened_with_the_labels_and_normalisation_of_its_weights() -> None:
    import_torchvision()
    from torchvision.models.segmentation import LRASPP_MobileNet_V3_Large_Weights as Weights

    loaded = open_model(ModelSpec("torchvision:lraspp_mobilenet_v3_large", untrained=True))
    member, card = Weights.DEFAULT, loaded.card
    assert list(card.labels) == member.meta["categories"]
    assert isinstance(card.preprocess, Preprocess)
    transform = member.transforms()
    assert (list(card.preprocess.mean), list(card.preprocess.std)) == (transform.mean, transform.std)
    assert ([card.preprocess.resize], card.preprocess.fit) == (transform.resize_size, "letterbox")
    assert (card.output_kind, card.source) == ("class map", "torchvision")
    with torch.no_grad():
        out = loaded.module(torch.zeros(1, 3, 64, 64))
    assert {name: tuple(value.shape) for name, value in out.items()} == {"out": (1, 21, 64, 64)}


@pytest.mark.parametrize("classes", [21, 4])
def test_a_file_decides_how_many_classes_there_are(classes: int, tmp_path: Path) -> None:
    name = "lraspp_mobilenet_v3_large"
    torch.manual_seed(3)
    made = zoo.build(name, zoo.TorchvisionShape(classes)).eval()
    path = tmp_path / "own.pth"
    torch.save(made.state_dict(), path)
    loaded = open_model(ModelSpec(f"torchvision:{name}", weights=str(path)))
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(loaded.module(x)["out"], made(x)["out"])
    assert len(loaded.card.labels) == (21 if classes == 21 else 0)
    assert any("Labels assumed" in note for note in loaded.card.notes) is (classes == 21)


def test_detection_finds_boxes_in_a_picture_of_the_size_that_it_resizes_to() -> None:
    """Boxes of the session against the plain module: the scores, and the places through the letterbox."""
    loaded = open_model(ModelSpec("torchvision:ssdlite320_mobilenet_v3_large", untrained=True))
    card, pre = loaded.card, loaded.card.preprocess
    assert isinstance(pre, Preprocess)
    assert loaded.module.transform.min_size == (pre.height,)  # type: ignore[union-attr]
    assert (card.output_kind, card.labels[0], card.labels[1]) == ("boxes", "__background__", "person")
    pixels = np.random.default_rng(0).integers(0, 256, (80, 40, 3), dtype=np.uint8)
    picture = picture_from_array(pixels, InputRef("clipboard"), "noise")
    with torch.no_grad():
        (plain,) = loaded.module(input_tensor(picture, pre))
    bench = ModelSession(50_000_000)
    output = bench.capture(
        bench.adopt(loaded).card.digest, picture, Job(0, Lane.FORWARD, "", lambda _event: None)
    ).output
    assert isinstance(output, Boxes)
    assert len(output.found) == len(plain["scores"]) > 0
    assert [f.score for f in output.found] == pytest.approx(plain["scores"].tolist())
    x0, y0, x1, y1 = plain["boxes"][0].tolist()  # 80 × 40 becomes 320 × 160 in the middle of 320 × 320
    first = output.found[0].box
    assert (first.x0, first.y0, first.x1, first.y1) == pytest.approx(
        ((x0 - 80) / 4, y0 / 4, (x1 - 80) / 4, y1 / 4), abs=1e-4
    )


def test_sizes_and_eps_are_torchvisions() -> None:
    import_torchvision()
    from torchvision.models import detection

    sides = {
        name: zoo.standard(name).preprocess.height for task in TASKS if task.id == "detection" for name in task.files
    }
    assert {name: side for name, side in sides.items() if side != 800} == {
        "fasterrcnn_mobilenet_v3_large_320_fpn": 320,
        "ssd300_vgg16": 300,
        "ssdlite320_mobilenet_v3_large": 320,
    }
    with_eps = {name for name in sides if "overwrite_eps" in inspect.getsource(getattr(detection, name))}
    assert with_eps == set(zoo._NO_EPS)
    assert {len(zoo.standard(name).labels) for name in sides} == {91, 2}  # keypoints: a person or none


def test_quantised_models_open_untrained_and_leave_the_engine_of_the_process() -> None:
    engine = torch.backends.quantized.engine
    loaded = open_model(ModelSpec("torchvision:quantized_shufflenet_v2_x0_5", untrained=True))
    assert torch.backends.quantized.engine == engine
    plain = open_model(ModelSpec("torchvision:shufflenet_v2_x0_5", untrained=True))
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 3, 64, 64)).shape == (1, 1000)
    folded = sum(m.weight.numel() for m in plain.module.modules() if isinstance(m, torch.nn.BatchNorm2d))
    assert loaded.card.parameters == plain.card.parameters - folded  # batch norm is folded into bias and weights
    with pytest.raises(ExplorerError, match=r"untrained only.*packed"):
        open_model(ModelSpec("torchvision:quantized_resnet18"))


def test_a_model_of_videos_gets_the_picture_as_a_clip_that_stands_still() -> None:
    loaded = open_model(ModelSpec("torchvision:mc3_18", untrained=True, preprocess=Preprocess(32, 32, resize=32)))
    assert any("16 equal frames" in note for note in loaded.card.notes)
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = type(loaded.module).forward(loaded.module, x[:, :, None].repeat(1, 1, 16, 1, 1))  # without hooks
        assert torch.equal(loaded.module(x), plain)
    pictures = zoo.standard("s3d").preprocess
    assert (pictures.fit, pictures.resize, pictures.height) == ("stretch-crop", 256, 224)


def test_the_script_of_a_value_computes_that_value(tmp_path: Path) -> None:
    """It opens the model as the application does."""
    loaded = open_model(ModelSpec("torchvision:quantized_shufflenet_v2_x0_5", untrained=True))
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    bench, picture = ModelSession(500_000_000), open_picture(tmp_path / "noise.png")
    capture = bench.capture(bench.adopt(loaded).card.digest, picture, Job(0, Lane.FORWARD, "", lambda _event: None))
    tap = capture.tap("fc")
    space: dict[str, object] = {}
    exec(as_python(loaded.card, capture, tap), space)
    values = space["values"]
    assert np.allclose(np.asarray(values), capture.values[tap.name], atol=1e-5)

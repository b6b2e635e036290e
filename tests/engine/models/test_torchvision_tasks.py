"""torchvision's models for other tasks: the table against torchvision's own, what is built, what a file of weights decides."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.core.models import ModelSpec, Preprocess
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

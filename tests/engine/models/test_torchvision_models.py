from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import torchvision_models as zoo
from explorer.engine.models.torchvision_compat import import_torchvision
from explorer.engine.models.torchvision_table import OFFICIAL, family
from explorer.engine.models.torchvision_tasks import all_names
from explorer.engine.models.weights.locate import hash_in_name


@pytest.fixture(scope="module", autouse=True)
def _torchvision() -> None:
    import_torchvision()


def test_the_table_is_torchvisions() -> None:
    from torchvision import models

    assert zoo.names() == tuple(models.list_models(module=models))
    for name in zoo.names():
        assert tuple(recipe.file for recipe in zoo.recipes(name)) == OFFICIAL[name]
        assert zoo.recipes(name)[0].default
        assert family(name)


def test_recipes_say_what_torchvisions_transforms_do() -> None:
    from torchvision.models import get_model_weights

    for name in zoo.names():
        by_name = {member.name: member for member in get_model_weights(name)}
        for recipe in zoo.recipes(name):
            transform, made = by_name[recipe.member].transforms(), recipe.preprocess
            assert [made.height] == transform.crop_size == [made.width]
            assert [made.resize] == transform.resize_size
            assert (list(made.mean), list(made.std)) == (transform.mean, transform.std)
            assert made.interpolation == transform.interpolation.value
            assert len(recipe.labels) == 1000
            assert hash_in_name(recipe.file)


def test_some_recipes_by_hand() -> None:
    assert zoo.recipes("inception_v3")[0].preprocess.height == 299
    assert zoo.recipes("resnet50")[0].file == "resnet50-11ad3fa6.pth"
    assert zoo.standard("resnet50").preprocess.resize == 256
    assert zoo.standard("vit_h_14").preprocess.height == 224
    assert zoo.standard("mobilenet_v2").labels[285] == "Egyptian cat"


def test_pictures_are_prepared_as_the_transforms_of_every_file_do() -> None:
    """Every kind of transform that comes with weights, on odd, oblong and tiny pictures, bit for bit."""
    from torchvision.models import get_model_weights

    seen: dict[str, Any] = {}
    for name in zoo.names():
        by_name = {member.name: member for member in get_model_weights(name)}
        for recipe in zoo.recipes(name):
            transform = by_name[recipe.member].transforms()
            seen.setdefault(str(transform), (transform, recipe.preprocess))
    assert len(seen) > 10
    for transform, made in seen.values():
        for size in ((57, 101), (2, 7)):
            pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
            found = to_tensor(Picture(InputRef("picture"), pixels, "0"), made)[0]
            assert torch.equal(found, transform(Image.fromarray(pixels)))


def test_unknown_name_names_the_closest() -> None:
    with pytest.raises(ExplorerError, match="mobilenet_v2"):
        zoo.check_name("mobilenetv2")
    with pytest.raises(ExplorerError, match="80"):
        zoo.check_name("qqqqqqqq")


def test_models_of_other_tasks_are_named_as_what_they_are() -> None:
    """Every model that torchvision lists opens, or its refusal does not say that there is none."""
    from torchvision.models import list_models

    for name in set(list_models()) - set(all_names()):
        with pytest.raises(ExplorerError) as refused:
            zoo.check_name(name)
        said = str(refused.value)
        assert not any(word in said for word in ("no model", "another task"))
    with pytest.raises(ExplorerError, match=r"compares two pictures.*example_inputs"):
        zoo.check_name("raft_small")


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_nets_with_auxiliary_classifiers_build_without_them(name: str) -> None:
    module = zoo.build(name, zoo.TorchvisionShape(7, pretrained=True)).eval()
    assert not module.transform_input  # it is a part of the preprocessing here
    assert not any("aux" in key.lower() for key in module.state_dict())
    with torch.no_grad():
        assert module(torch.zeros(1, 3, 299, 299)).shape == (1, 7)
    assert zoo.modern(name, {"googlenet": "aux1.fc1.weight", "inception_v3": "AuxLogits.fc.bias"}[name]) is None


def test_old_densenet_names() -> None:
    old = "features.denseblock1.denselayer2.norm.1.running_mean"
    assert zoo.modern("densenet121", old) == "features.denseblock1.denselayer2.norm1.running_mean"
    assert zoo.modern("densenet121", "features.norm0.weight") == "features.norm0.weight"
    assert zoo.modern("resnet18", old) == old


def test_size_of_a_vision_transformer() -> None:
    state = {"encoder.pos_embedding": torch.zeros(1, 1 + 24 * 24, 768)}
    assert zoo.vit_size("vit_b_16", state) == 384
    assert zoo.vit_size("resnet18", state) is None
    assert zoo.vit_size("vit_b_16", {"encoder.pos_embedding": torch.zeros(1, 12, 768)}) is None


@pytest.mark.slow
def test_every_model_of_moderate_size_builds_without_a_word() -> None:
    from torchvision.models import get_model_weights

    for name in zoo.names():
        if get_model_weights(name).DEFAULT.meta["num_params"] < 6_000_000:
            assert isinstance(zoo.build(name), torch.nn.Module)

"""Which architecture a file of weights fits: as opening it says, whatever wraps the names and however many classes it has."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.jobs.job import failure_of
from explorer.engine.models import extras, open_model
from explorer.engine.models.matching import architecture_table, match
from explorer.engine.models.matching.match import fit_of, match_file
from explorer.engine.models.matching.shapes_only import shapes_only
from explorer.engine.models.torchvision_compat import import_torchvision
from explorer.engine.models.weights.load_state import WeightsMismatch

NETS = ("torchvision:squeezenet1_1", "torchvision:regnet_x_400mf", "timm:test_resnet", "timm:vit_base_r50_s16_224")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each architecture that is tried is built."""
    monkeypatch.setattr(match, "TRIED", 3)


def squeezenet(classes: int = 1000) -> dict[str, torch.Tensor]:
    import_torchvision()
    from torchvision.models import squeezenet1_1

    net: torch.nn.Module = squeezenet1_1(weights=None, num_classes=classes)
    return dict(net.state_dict())


def saved(folder: Path, held: object, name: str = "mine.pth") -> Path:
    torch.save(held, folder / name)
    return folder / name


@pytest.mark.parametrize("name", NETS)
def test_the_shipped_table_is_that_of_the_installed_libraries(name: str) -> None:
    if name.startswith("timm:") and extras.TIMM.way:
        pytest.skip("timm is not installed")
    table = architecture_table.shipped()
    at = table.ids.index(name)
    count, made = architecture_table.row(name)
    assert count == table.counts[at]
    assert made.tolist() == table.sketches[at].tolist()


def test_every_architecture_of_torchvision_is_in_the_table() -> None:
    known = set(architecture_table.shipped().ids)
    assert {name for name in architecture_table.every_id() if name.startswith("torchvision:")} <= known


def test_a_whole_file_is_known_by_its_keys_and_shapes(tmp_path: Path) -> None:
    found = match_file(saved(tmp_path, squeezenet()))
    best = found.fits[0]
    assert (best.id, best.fits, best.expected, best.opens) == ("torchvision:squeezenet1_1", 52, 52, True)
    assert found.text.startswith("torchvision:squeezenet1_1: 52 of 52 keys and shapes fit")
    others = [fit for fit in found.fits if fit.id == "torchvision:squeezenet1_0"]
    assert others
    assert not others[0].opens
    assert others[0].fits < others[0].expected


@pytest.mark.parametrize("prefix", ["module.", "backbone.", "teacher.backbone."])
def test_prefixes_and_another_number_of_classes(tmp_path: Path, prefix: str) -> None:
    state = {prefix + name: value for name, value in squeezenet(7).items()}
    held = {"epoch": 3, "state_dict": {**state, "optimizer.step": torch.zeros(())}}
    path = saved(tmp_path, held)
    best = match_file(path).fits[0]
    assert (best.id, best.opens, best.fits) == ("torchvision:squeezenet1_1", True, 52)
    assert any(prefix in note for note in best.notes)
    assert any("7 classes" in note for note in best.notes)
    opened = open_model(ModelSpec(best.id, str(path)))
    assert torch.equal(opened.module.state_dict()["classifier.1.bias"], state[prefix + "classifier.1.bias"])


def test_a_mismatch_is_that_of_opening_and_names_five(tmp_path: Path) -> None:
    path = saved(tmp_path, squeezenet())
    fit = fit_of("torchvision:mobilenet_v2", squeezenet(), path)
    assert fit is not None
    assert not fit.opens
    with pytest.raises(WeightsMismatch) as error:
        open_model(ModelSpec("torchvision:mobilenet_v2", str(path)))
    assert fit.problem == error.value.why
    missing = error.value.mismatch.missing
    assert fit.problem.count("features.") <= 10  # five that are missing, five without a place
    assert len(missing) > 100
    details = failure_of(error.value).details
    assert all(name in details for name in missing)
    assert "Traceback" not in details
    assert details == fit.differences


def test_a_file_of_nothing_known(tmp_path: Path) -> None:
    found = match_file(saved(tmp_path, {"a.strange.weight": torch.zeros(3, 17)}))
    assert not found.opening
    assert "No architecture of torchvision" in found.text
    with pytest.raises(ExplorerError):
        match_file(tmp_path / "nowhere.pth")


def test_shapes_only_leaves_nothing_behind() -> None:
    with shapes_only():
        assert torch.nn.Linear(4, 4).weight.is_meta
    assert not torch.nn.Linear(4, 4).weight.is_meta

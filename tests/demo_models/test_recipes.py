"""Recipes: every task takes steps that change what it should; a run that was stopped goes on as if it had not been."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demo_models import train
from demo_models.recipes import run as running
from demo_models.recipes.contrast import contrast
from demo_models.recipes.follow import Follow, standing_out
from demo_models.recipes.labelled import few
from demo_models.recipes.run import normalise
from demo_models.recipes.table import RECIPES
from torch import Tensor


def teach(folder: Path) -> None:
    """Teachers that have learnt nothing, for recipes that follow one."""
    for name in {recipe.teacher for recipe in RECIPES.values()} - {""}:
        torch.save({"averaged": RECIPES[name].make().state_dict()}, folder / f"{name}.pt")


SMALL = {"block": 16, "batch": 8, "note_every": 2}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recipe in blocks of 16 pictures."""
    for name, recipe in list(RECIPES.items()):
        monkeypatch.setitem(RECIPES, name, replace(recipe, **SMALL))


def weights(run: running.Run) -> list[Tensor]:
    return [value.clone() for value in run.task.parts.state_dict().values()]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "name", ["shapes-cnn", "shapes-plain", "shapes-shortcut", "shapes-vit", "shapes-ssl-cnn", "shapes-ssl-vit"]
)
def test_a_few_steps_change_the_network_and_are_logged(name: str, tmp_path: Path) -> None:
    teach(tmp_path)
    run = train.prepare(name, tmp_path, 64, torch.device("cpu"))
    before = {key: value.clone() for key, value in run.task.net.state_dict().items()}
    assert run.go(1.0)
    moved = {key for key, value in run.task.net.state_dict().items() if not torch.equal(value, before[key])}
    unmoved = {key for key in set(before) - moved if "head" not in key}
    assert unmoved == set(), "everything but an unused head learns"
    lines = [json.loads(text) for text in run.curve.read_text().splitlines()]
    assert lines[-1]["pictures"] == 64
    assert all(torch.isfinite(torch.tensor(list(line.values()))).all() for line in lines)
    initial = torch.load(tmp_path / f"{name}.initial.pt", weights_only=True)
    assert all(torch.equal(initial[key], value) for key, value in before.items())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["shapes-cnn", "shapes-ssl-vit"])
@pytest.mark.parametrize("ahead", [False, True])
def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(name: str, ahead: bool, tmp_path: Path) -> None:
    for folder in ("whole", "parts"):
        (tmp_path / folder).mkdir()
        teach(tmp_path / folder)
    whole = train.prepare(name, tmp_path / "whole", 64, torch.device("cpu"))
    assert whole.go(1.0, ahead=ahead)
    first = train.prepare(name, tmp_path / "parts", 64, torch.device("cpu"))
    assert not first.go(1.0, ahead=ahead, stop=2)
    second = train.prepare(name, tmp_path / "parts", 64, torch.device("cpu"))
    second.resume()
    assert second.state.pictures == 32
    assert second.go(1.0, ahead=ahead)
    assert whole.state.steps == second.state.steps == 8
    for one, two in zip(weights(whole), weights(second), strict=True):
        torch.testing.assert_close(one, two)


def test_the_same_seed_makes_the_same_network_without_touching_the_callers_chance() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    one, two = (RECIPES["shapes-cnn"].make().state_dict() for _ in range(2))
    assert torch.equal(torch.rand(4), expected)
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_few_are_twenty_of_each_material() -> None:
    images, labels = few(1, "material", 8)
    assert images.shape == (160, 3, 96, 96)
    assert torch.bincount(labels).tolist() == [20] * 8


def test_contrast_is_low_when_partners_agree_and_at_chance_when_nothing_does() -> None:
    views = torch.eye(8, 16)
    assert float(contrast(views, views)) < 0.05
    same = torch.ones(8, 16)
    assert float(contrast(same, same)) == pytest.approx(float(torch.tensor(15.0).log()), abs=1e-4)


def test_a_follower_is_asked_for_what_its_teacher_sees_there(tmp_path: Path) -> None:
    recipe = replace(RECIPES["shapes-ssl-vit"], **SMALL)
    with pytest.raises(SystemExit, match="train that first"):
        Follow(recipe, torch.device("cpu"), tmp_path)
    teach(tmp_path)
    task = Follow(recipe, torch.device("cpu"), tmp_path)
    assert not any(p.requires_grad for p in task.teacher.parameters())
    images, _ = task.draw(5)
    with torch.no_grad():
        whole, patches = task.aims(task.maps(normalise(images))[1])
        expected = task.teacher.eval().features(normalise(images))
    assert patches.shape == (len(images), 144, 96)
    same = torch.nn.functional.cosine_similarity(whole, (expected - expected.mean(0)) / expected.std(0), dim=0)
    assert float(same.nanmedian()) > 0.99, "half precision and the scale apart, these are the teacher's features"


def test_places_stand_out_by_their_distance_from_the_usual() -> None:
    maps = torch.zeros(2, 3, 12, 12)
    maps[0, :, 4, 5], maps[1, 0, 0, 0], maps[1, 0, 11, 11] = 2.0, 3.0, 3.0
    where = standing_out(maps, maps, 12)
    torch.testing.assert_close(where.sum(1), torch.ones(2))
    assert float(where[0, 4 * 12 + 5]) > 0.99
    assert where[1, 0] == where[1, -1] > 0.49


def test_the_class_token_learns_to_look_where_something_stands_out(tmp_path: Path) -> None:
    teach(tmp_path)
    torch.manual_seed(0)
    task = Follow(replace(RECIPES["shapes-ssl-vit"], **SMALL), torch.device("cpu"), tmp_path)
    block = task.draw(3)
    optimizer = torch.optim.AdamW(task.net.parameters(), 1e-3)

    def step() -> float:
        figures = []
        for _, loss, seen in task.losses(block, 0.0):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            figures.append(seen["where"])
        return sum(figures)

    before = step()
    for _ in range(8):
        after = step()
    assert after < 0.9 * before


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_networks_take_pictures_and_answer(name: str) -> None:
    net = RECIPES[name].make().eval()
    with torch.no_grad():
        assert net(torch.rand(2, 3, 96, 96)).shape == (2, len(RECIPES[name].labels))

"""The picture world: the same for a seed, and everything it says of its pictures is true of their pixels."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from explorer.engine.data_sets.world import backgrounds, materials, shapes
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.fields import affine, hsv, line, noise
from explorer.engine.data_sets.world.pose import subject_poses
from explorer.engine.data_sets.world.render import placement
from explorer.engine.data_sets.world.sample import CHUNK, Shortcut, draw, held_out, scenes, views
from explorer.engine.data_sets.world.things import things


def test_a_seed_gives_the_same_pictures_and_another_seed_others() -> None:
    first, second, other = draw(5, 6), draw(5, 6), draw(6, 6)
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.masks, second.masks)
    assert not torch.equal(first.images, other.images)


def test_pictures_are_what_they_say_they_are() -> None:
    pictures = draw(1, CHUNK + 3)
    count = CHUNK + 3
    assert pictures.images.shape == (count, 3, 96, 96)
    assert pictures.images.dtype == torch.float32
    assert 0 <= float(pictures.images.min()) < float(pictures.images.max()) <= 1
    assert pictures.masks.shape == (count, 3, 96, 96)
    for name, below in (
        ("shape", len(shapes.NAMES)),
        ("material", len(materials.NAMES)),
        ("kind", len(backgrounds.KINDS)),
    ):
        values = getattr(pictures, name)
        assert values.shape == (count,)
        assert set(values.tolist()) == set(range(below)), name


def test_there_are_enough_shapes_and_materials() -> None:
    assert len(shapes.NAMES) >= 10
    assert len(materials.NAMES) >= 8


def test_masks_are_the_visible_parts_and_lie_where_the_position_says() -> None:
    pictures = draw(2, 64)
    assert int(pictures.masks.sum(1).max()) == 1, "no pixel belongs to two objects"
    assert torch.equal(
        pictures.masks.flatten(2).any(2) & ~pictures.things.present, torch.zeros(64, 3, dtype=torch.bool)
    )
    at = line(96, torch.device("cpu"))
    subject = pictures.masks[:, 0].float()
    area = subject.sum((1, 2))
    assert float(area.min()) > 150
    centre = torch.stack([(subject.sum(1) @ at) / area, (subject.sum(2) @ at) / area], 1)
    # Bites and hollow shapes move the centre of mass, but never out of the object.
    assert bool(((centre - pictures.position).norm(dim=1) < pictures.scale * 0.8).all())


def test_a_mask_is_where_the_object_is_painted() -> None:
    """The same picture with a subject of other colours differs inside its mask (and at its edge), and nowhere else."""
    what = things(Dice(3), 24)
    white = replace(what, first=torch.ones_like(what.first), second=torch.ones_like(what.second))
    one, two = views(what, 9), views(white, 9)
    changed = (one.images - two.images).abs().amax(1) > 0.25
    edges = torch.nn.functional.max_pool2d(one.foreground.float()[:, None], 7, 1, 3)[:, 0] > 0
    assert not bool((changed & ~edges).any())
    inside = one.masks[:, 0]
    assert float(changed[inside].float().mean()) > 0.5


def test_views_keep_the_shape_and_change_the_rest() -> None:
    what = things(Dice(4), 64)
    plain, changed = views(what, 1), views(what, 2, colour=1.0, material=1.0)
    for pictures in (plain, changed):
        assert torch.equal(pictures.shape, what.shape[:, 0])
    assert torch.equal(plain.material, what.material[:, 0])
    assert torch.equal(plain.hue, what.hue[:, 0])
    assert float((changed.material != plain.material).float().mean()) > 0.6
    assert not bool((changed.hue == plain.hue).any())
    assert not bool((changed.position == plain.position).all(1).any())
    assert float((changed.kind != plain.kind).float().mean()) > 0.6


def test_the_subject_is_the_largest_and_stays_inside() -> None:
    pose = subject_poses(Dice(0), 500, 3)
    assert bool((pose.scale[:, 1:] <= 0.5 * pose.scale[:, :1] + 1e-6).all())
    reach = torch.maximum(pose.x[:, 0].abs(), pose.y[:, 0].abs()) + 0.85 * pose.scale[:, 0]
    assert float(reach.max()) < 1


def test_a_shortcut_links_a_class_to_a_background_until_it_is_broken() -> None:
    link = Shortcut({3: (1, 0.33)})
    linked = draw(7, 400, shortcut=link)
    assert torch.equal(linked.shape == 3, linked.kind == 1)
    broken = draw(7, 400, shortcut=replace(link, broken=True))
    shuffled = broken.kind == 1
    assert 0.1 < float(shuffled.float().mean()) < 0.3
    assert bool((shuffled & (broken.shape != 3)).any())
    assert bool((~shuffled & (broken.shape == 3)).any())


def test_scenes_are_large_and_hold_many_objects() -> None:
    pictures = scenes(1, 2, size=192, objects=5)
    assert pictures.images.shape == (2, 3, 192, 192)
    assert bool((pictures.masks.flatten(2).sum(2) > 60).all())


def test_held_out_pictures_are_no_training_pictures() -> None:
    from demo_models.measure.figures import BANK
    from demo_models.recipes.run import SEED_STEP
    from demo_models.recipes.table import RECIPES

    from explorer.engine.data_sets.world.sample import HELD_OUT_SEED

    blocks = max(recipe.pictures // recipe.block + 2 for recipe in RECIPES.values())
    assert blocks < 1_000_000
    # views of a block are drawn at most 2,000,000 above it
    assert max(recipe.seed + 1 for recipe in RECIPES.values()) * SEED_STEP + 2_000_000 + blocks < HELD_OUT_SEED
    assert BANK > 0
    assert torch.equal(held_out(4).images, draw(HELD_OUT_SEED, 4).images)


def test_every_shape_is_one_piece_of_its_own_near_the_unit_disc() -> None:
    at = line(64, torch.device("cpu")) * 1.5
    v, u = torch.meshgrid(at, at, indexing="ij")
    inside = {name: function(u, v) < 0 for name, function in shapes.SHAPES.items()}
    for name, region in inside.items():
        assert 0.1 < float(region.float().mean()) < 0.4, name
        assert not bool((region & (torch.hypot(u, v) > 1.2)).any()), name
    names = list(inside)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            both, either = (inside[one] & inside[other]).sum(), (inside[one] | inside[other]).sum()
            assert float(both / either) < 0.85, (one, other)


@pytest.mark.parametrize("name", ["disc", "square", "ring", "bar", "cross"])
def test_distances_are_right_inside(name: str) -> None:
    """Never farther than the nearest pixel of the outside: an anti-aliased edge must be where the shape ends."""
    at = line(80, torch.device("cpu")) * 1.3
    v, u = torch.meshgrid(at, at, indexing="ij")
    away = shapes.SHAPES[name](u, v)
    points = torch.stack([u, v], -1)
    inside, outside = points[away < 0], points[away >= 0]
    nearest = torch.cdist(inside, outside).amin(1)
    assert bool((-away[away < 0] <= nearest + 1e-3).all())


def test_placement_turns_and_scales_about_the_position() -> None:
    pose = subject_poses(Dice(1), 1, 1)
    rows = slot = torch.zeros(1, dtype=torch.long)
    uv = affine(placement(pose, rows, slot), 96)[0].reshape(2, 96, 96)
    at = line(96, torch.device("cpu"))
    column, row = int((at - pose.x[0, 0]).abs().argmin()), int((at - pose.y[0, 0]).abs().argmin())
    assert float(uv[:, row, column].norm()) < 0.06
    step = (uv[:, row, column + 1] - uv[:, row, column]).norm() * pose.scale[0, 0] * 48
    assert 0.85 < float(step) < 1.18  # the stretch


def test_noise_has_unit_spread_and_the_spectrum_asked_for() -> None:
    field = noise(Dice(0), torch.tensor([1.0]).repeat(40), 96)
    assert abs(float(field.std()) - 1) < 0.05
    assert float(field.mean((1, 2)).abs().max()) < 1e-4
    power = torch.fft.rfft(field, dim=2).abs().square().mean((0, 1))
    slow, fast = power[2:5].mean(), power[20:30].mean()
    assert float(slow / fast) > 5
    white = noise(Dice(0), torch.tensor([0.0]).repeat(40), 96)
    power = torch.fft.rfft(white, dim=2).abs().square().mean((0, 1))
    assert 0.8 < float(power[2:5].mean() / power[20:30].mean()) < 1.25


def test_hsv_against_the_standard_library() -> None:
    import colorsys

    values = torch.rand(50, 3, generator=torch.Generator().manual_seed(0))
    for mine, (h, s, v) in zip(hsv(*values.T), values.tolist(), strict=True):
        assert mine.tolist() == pytest.approx(colorsys.hsv_to_rgb(h, s, v), abs=1e-5)

"""Which pictures are tested and which are learnt from."""

from __future__ import annotations

import pytest

from explorer.core.data_sets import DataClass, DataPicture, DataSet, Split, check, draw, split, why_unused
from explorer.core.errors import ExplorerError


def data(counts: dict[str, int], group: str = "", groups: int = 1) -> DataSet:
    """Classes of so many pictures; with `group`, the pictures of all classes in turn in so many groups of that name."""
    classes = []
    for name, count in counts.items():
        names = [f"{group}{number % groups}" if group else "" for number in range(count)]
        pictures = tuple(DataPicture(f"{name}/{n}.png", name, names[n], 1, n) for n in range(count))
        classes.append(DataClass(name, pictures, why_unused(pictures, False)))
    return DataSet("set", "set", tuple(classes))


def test_a_quarter_of_each_class_is_tested_and_no_picture_is_on_both_sides() -> None:
    divided = split(data({"a": 40, "b": 8, "c": 2}))
    assert [len(paths) for paths in divided.test] == [10, 2, 1]
    assert [len(paths) for paths in divided.pool] == [30, 6, 1]
    for pool, test in zip(divided.pool, divided.test, strict=True):
        assert not set(pool) & set(test)


def test_the_seed_says_which_and_it_is_written_down() -> None:
    whole = data({"a": 40, "b": 40})
    assert split(whole, seed=3) == split(whole, seed=3)
    assert split(whole, seed=3).test != split(whole, seed=4).test
    written = split(whole, seed=3).to_json()
    assert written["seed"] == 3
    assert set(written["test"][0]) <= {picture.path for picture in whole.pictures}


@pytest.mark.parametrize("seed", range(5))
def test_a_group_of_all_classes_is_never_split(seed: int) -> None:
    whole = data({"a": 36, "b": 36, "c": 36}, "person ", 12)
    divided, group = split(whole, seed=seed), {picture.path: picture.group for picture in whole.pictures}
    learnt = {group[path] for paths in divided.pool for path in paths}
    tested = {group[path] for paths in divided.test for path in paths}
    assert not learnt & tested
    assert len(tested) == 3
    assert all(divided.pool)
    assert all(divided.test)


def test_a_smaller_draw_is_part_of_a_larger_one_and_draws_differ() -> None:
    divided = split(data({"a": 40, "b": 40}))
    small, large = draw(divided, 3, 1), draw(divided, 10, 1)
    assert [len(paths) for paths in small] == [3, 3]
    assert all(set(few) <= set(many) for few, many in zip(small, large, strict=True))
    assert draw(divided, 3, 1) != draw(divided, 3, 2)
    assert draw(divided, 0, 1) == divided.pool
    assert [len(paths) for paths in draw(divided, 1000, 0)] == [30, 30]


def test_a_folder_of_test_pictures_wins() -> None:
    whole = data({"a": 6, "b": 6})
    tests = (DataClass("a", (DataPicture("test/a/0.png", "a"),)), DataClass("b", (DataPicture("test/b/0.png", "b"),)))
    with_tests = DataSet("set", "set", whole.classes, tests)
    assert split(with_tests) == Split(
        0,
        0.0,
        tuple(tuple(p.path for p in each.pictures) for each in whole.classes),
        (("test/a/0.png",), ("test/b/0.png",)),
    )


def test_what_is_lacking_is_said() -> None:
    with pytest.raises(ExplorerError, match="one class"):
        check(data({"a": 5}))
    with pytest.raises(ExplorerError, match="no class"):
        check(data({}))
    with pytest.raises(ExplorerError, match="Fewer than two classes"):
        split(data({"a": 5, "b": 1}))
    assert data({"a": 5, "b": 1, "c": 5}).labels == ("a", "c")
    one_group = data({"a": 5, "b": 5}, "burst", 1)
    assert "never split" in one_group.classes[0].reason


def test_pictures_that_cannot_be_read_are_in_no_count() -> None:
    whole = data({"a": 5, "b": 2, "c": 5})
    left = whole.without({"a/1.png": "damaged", "b/0.png": "gone"})
    assert left.labels == ("a", "c")
    assert left.count == 9
    assert dict(left.unreadable) == {"a/1.png": "damaged", "b/0.png": "gone"}

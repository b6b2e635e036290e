"""Conditions that can never hold are told before anything starts; those that can are not."""

from __future__ import annotations

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.guides.guide_file import guide_from
from explorer.core.lessons.lesson_file import lesson_from
from tests.support.lesson_files import SMALL

NEVER = (
    '{ tap = "stem.2", all = [{ tap = "stage1.*" }] }',
    "{ channel = 3, not = { channel = 3 } }",
    "{ channel = 3, all = [{ channel = 4 }] }",
    "{ cell = [1, 2], all = [{ cell = false }] }",
    "{ prediction = { label = 'star', at_least = 0.6, below = 0.5 } }",
    "{ prediction = { label = 'star', at_least = 0.6 }, all = [{ prediction = { label = 'cross', at_least = 0.6 } }] }",
    "{ measured = { of = 'value', at_least = 2, below = 1 } }",
    "{ measured = { of = 'value', at_least = 2, equals = 1 } }",
    "{ edits = { at_least = 0 }, all = [{ edits = { at_least = 2 } }] }",
    "{ any = [{ channel = 1, not = { channel = 1 } }] }",
    "{ channel = -1 }",
)
SOMETIMES = (
    '{ tap = "stage1.0.conv1", all = [{ tap = "stage1.*" }] }',
    "{ channel = 3, not = { channel = 4 } }",
    "{ cell = [1, 2], all = [{ cell = true }] }",
    "{ prediction = { label = 'star', at_least = 0.4, below = 0.5 } }",
    "{ any = [{ channel = 1, not = { channel = 1 } }, { channel = 2 }] }",
)


@pytest.mark.parametrize("done", NEVER)
def test_what_can_never_hold_is_refused(done: str) -> None:
    with pytest.raises(ExplorerError, match="line 26, step 2, done: can never hold"):
        lesson_from(SMALL.replace('{ tap = "stage1.*" }', done))


@pytest.mark.parametrize("done", SOMETIMES)
def test_what_can_hold_is_read(done: str) -> None:
    assert lesson_from(SMALL.replace('{ tap = "stage1.*" }', done)).steps[1].guide.done


def test_a_guide_says_the_line_too() -> None:
    with pytest.raises(ExplorerError, match="the guide, line 2, format"):
        guide_from("\nformat = 2\n")

"""The one history: what is a step, where it was made, the way back and forward over all of it. Values alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from explorer.core.attention_queries import AttentionMode
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, Edits
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.core.render import ScaleMode
from explorer.core.session.comparison import Column, Comparison, Link, duplicated
from explorer.core.session.history import WHERE, History
from explorer.core.session.session import Session, changed

ONE, OTHER = Edit("relu", (1,)), Edit("relu", (2,))
TWO_COLUMNS = Comparison((Column(0, ModelSpec("a"), tap="x"), Column(1, ModelSpec("b"), tap="y")))
START = Session(ModelSpec("net"), InputRef("sample", "cat"), tap="a", comparison=TWO_COLUMNS)


class Hands:
    """A person at a window: changes the document, and turns to other workspaces and pages in between."""

    def __init__(self, session: Session = START) -> None:
        self.session, self.history = session, History(session)

    def do(self, quick: bool = False, **fields: object) -> Session:
        self.session = replace(self.session, **fields)  # type: ignore[arg-type]
        self.history.push(self.session, quick)
        return self.session

    def turn(self, **fields: str) -> None:
        self.session = replace(self.session, **fields)  # type: ignore[arg-type]

    def back(self) -> Session:
        found = self.history.back()
        assert found is not None
        self.session = found
        return found

    def forward(self) -> Session:
        found = self.history.forward()
        assert found is not None
        self.session = found
        return found

    def columns(self, quick: bool = False, **fields: object) -> None:
        """Another document of Compare."""
        self.do(quick, comparison=replace(self.session.comparison, **fields))  # type: ignore[arg-type]

    def column(self, key: int, quick: bool = False, **fields: object) -> None:
        self.do(quick, comparison=self.session.comparison.change(key, **fields))


def test_steps_of_all_workspaces_stand_in_one_row_and_lead_to_where_they_were_made() -> None:
    hands = Hands()
    hands.do(tap="b")
    hands.turn(page="ablation")
    hands.do(edits=(ONE,))
    hands.turn(workspace="compare")
    hands.column(1, model=ModelSpec("c"))
    hands.turn(workspace="explore", page="values")
    steps = [hands.back() for _ in range(3)]
    assert [(s.workspace, s.page) for s in steps] == [("compare", "ablation"), ("explore", "ablation"), ("explore", "")]
    assert [(s.tap, s.edits, s.comparison.column(1).model) for s in steps] == [
        ("b", (ONE,), ModelSpec("b")),
        ("b", (), ModelSpec("b")),
        ("a", (), ModelSpec("b")),
    ]
    assert not hands.history.can_back
    steps = [hands.forward() for _ in range(3)]
    assert [(s.workspace, s.page) for s in steps] == [("explore", ""), ("explore", "ablation"), ("compare", "ablation")]
    assert steps[-1].comparison.column(1).model == ModelSpec("c")
    assert not hands.history.can_forward


def test_turning_to_a_workspace_or_a_page_is_no_step() -> None:
    hands = Hands()
    hands.do(workspace="compare", page="health")
    assert not hands.history.can_back


def test_a_change_after_going_back_ends_the_way_forward() -> None:
    hands = Hands()
    hands.do(tap="b")
    hands.back()
    hands.do(colormap="viridis")
    assert not hands.history.can_forward
    assert hands.back() == START


def test_quick_changes_of_one_kind_are_one_step() -> None:
    hands = Hands()
    for tap in "bcd":
        hands.do(True, tap=tap)
    hands.do(True, channel=3)
    for low in (1.0, 2.0, 3.0):
        hands.do(True, scale=ScaleMode.FIXED, fixed=(low, 9.0))
    for bins in "789":
        hands.do(True, methods=(("channel-statistics", bins),))
    for tap in ("x2", "x3"):
        hands.column(0, True, tap=tap, offset=1)
    hands.columns(True, kept=(0.5, 0.5))
    steps = [hands.back() for _ in range(4)]
    assert steps[0].comparison == TWO_COLUMNS
    assert (steps[1].methods, steps[1].fixed) == ((), (3.0, 9.0))
    assert (steps[2].scale, steps[2].tap, steps[2].channel) == (START.scale, "d", 3)
    assert steps[3] == START


def test_a_hand_that_rests_begins_another_step() -> None:
    hands = Hands()
    hands.do(tap="b")
    hands.do(True, tap="c")
    hands.do(False, tap="d")
    assert [hands.back().tap, hands.back().tap] == ["c", "a"]


def test_what_is_chosen_is_a_step_however_quickly() -> None:
    hands = Hands()
    hands.do(True, scale=ScaleMode.PER_LAYER)
    hands.do(True, scale=ScaleMode.PERCENTILE)
    hands.do(True, edits=(ONE,))
    hands.do(True, edits=(ONE, OTHER))
    hands.column(1, True, shows=Shows.ATTENTION)
    hands.column(1, True, shows=Shows.SIMILARITY)
    assert [hands.back().comparison.column(1).shows for _ in range(2)] == [Shows.ATTENTION, Shows.MAPS]
    assert [hands.back().edits for _ in range(2)] == [(ONE,), ()]
    assert [hands.back().scale for _ in range(2)] == [ScaleMode.PER_LAYER, START.scale]


def test_scrubbing_there_and_back_is_no_step() -> None:
    hands = Hands()
    hands.do(True, tap="b")
    hands.do(True, tap="a")
    assert not hands.history.can_back
    hands.do(True, tap="c")
    assert hands.back() == START


def test_what_settles_is_no_step_and_stays_in_the_present() -> None:
    hands = Hands()
    hands.do(model=ModelSpec("vit"))
    assert not hands.history.amend(replace(hands.session, tap="blocks.0"))
    assert hands.back() == START
    assert hands.forward().tap == "blocks.0"


def test_a_change_that_could_not_be_made_is_no_step() -> None:
    hands = Hands()
    hands.column(0, model=ModelSpec("gone"))
    assert hands.history.can_back
    assert hands.history.amend(replace(hands.session, comparison=TWO_COLUMNS, workspace="compare"))
    assert not hands.history.can_back
    hands.column(0, model=ModelSpec("gone"))
    settled = hands.session.comparison.change(0, model=ModelSpec("a"), channel=3)
    assert not hands.history.amend(replace(hands.session, comparison=settled))  # something else was changed with it
    assert hands.history.can_back


def test_a_step_that_cannot_be_gone_to_is_left_out() -> None:
    hands = Hands()
    hands.do(model=ModelSpec("gone"))
    hands.do(model=ModelSpec("vit"))
    stays = hands.session
    hands.back()
    assert hands.history.amend(stays)  # it could not be opened: the window is as it was
    assert not hands.history.can_forward
    hands.session = stays
    assert hands.back() == START


def test_going_back_in_compare_brings_back_what_was_looked_at() -> None:
    hands = Hands()
    hands.do(comparison=duplicated(TWO_COLUMNS, 0))
    hands.columns(attention=AttentionMode.NORMS, link=Link.STRIDE)
    hands.column(1, tap="elsewhere", offset=3)
    assert hands.back().comparison.column(1).offset == 0
    assert hands.back().comparison == duplicated(TWO_COLUMNS, 0)
    assert hands.back().comparison == TWO_COLUMNS


# --- one field alone


def test_the_last_edit_can_be_taken_back_alone_and_made_again() -> None:
    hands = Hands()
    hands.do(edits=(ONE,))
    hands.do(tap="b")
    hands.do(edits=(ONE, OTHER))
    last = hands.do(channel=4)
    assert hands.history.undo("edits") == replace(last, edits=(ONE,))
    assert hands.history.undo("edits") == replace(last, edits=())
    assert not hands.history.can_undo("edits")
    assert hands.history.undo("edits") is None
    assert hands.forward().edits == (ONE,)
    assert hands.forward() == last
    hands.history.undo("edits")
    hands.history.undo("edits")
    assert [(s.channel, s.tap, s.edits) for s in (hands.back(), hands.back())] == [(0, "b", ()), (0, "a", ())]
    assert not hands.history.can_back  # no step is left that would bring an edit back


def test_edits_of_another_model_are_not_taken_back() -> None:
    hands = Hands()
    hands.do(edits=(ONE,))
    hands.do(model=ModelSpec("vit"), edits=())
    assert not hands.history.can_undo("edits")
    hands.do(edits=(OTHER,))
    assert hands.history.can_undo("edits")
    hands.back()
    assert hands.back().edits == (ONE,)


def test_an_edit_that_could_not_be_made_is_forgotten() -> None:
    hands = Hands()
    hands.do(edits=(ONE,))
    hands.do(edits=(ONE, OTHER))
    now = hands.do(tap="b")
    assert hands.history.undo("edits", forget=True) == replace(now, edits=(ONE,))
    assert not hands.history.can_forward
    assert not any(OTHER in step.edits for step in hands.history.every)


_CHANGES = st.one_of(
    st.builds(dict, tap=st.sampled_from("abc")),
    st.builds(dict, edits=st.sampled_from([(), (ONE,), (OTHER,)])),
    st.builds(dict, colormap=st.sampled_from(["magma", "grey"]), workspace=st.sampled_from(["explore", "compare"])),
    st.builds(dict, page=st.sampled_from(["values", "ablation"])),
    st.builds(dict, comparison=st.sampled_from([TWO_COLUMNS, duplicated(TWO_COLUMNS, 0)])),
)


def _bare(session: Session) -> Session:
    return replace(session, **dict.fromkeys(WHERE, ""))  # type: ignore[arg-type]


@given(st.lists(st.tuples(_CHANGES, st.booleans(), st.sampled_from(["do", "amend", "undo"])), max_size=30))
def test_every_step_changes_something_and_the_way_forward_is_the_way_back(
    acts: list[tuple[dict[str, object], bool, str]],
) -> None:
    hands = Hands()
    for fields, quick, act in acts:
        if act == "do":
            hands.do(quick, **fields)
        elif act == "amend":
            hands.session = replace(hands.session, **fields)  # type: ignore[arg-type]
            hands.history.amend(hands.session)
        else:
            before: Edits = hands.session.edits
            found = hands.history.undo("edits")
            if found is not None:
                assert changed(found, hands.session) - WHERE == {"edits"}
                assert found.edits != before
                hands.session = found
    steps = [_bare(hands.session)]
    while hands.history.can_back:
        steps.append(_bare(hands.back()))
        assert steps[-1] != steps[-2]
    for step in reversed(steps[:-1]):
        assert _bare(hands.forward()) == step

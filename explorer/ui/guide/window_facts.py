"""The facts of the window as it is now: what guides and lessons look at."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.attention_queries import measured_look
from explorer.core.guides.known_facts import Facts, Shown, facts_of
from explorer.core.lessons.recorded_step import WindowState
from explorer.core.method import Measured
from explorer.core.models import kind_of
from explorer.ui.controller import Controller


def window_facts(controller: Controller, answered: frozenset[str] = frozenset()) -> Facts:
    """Of the session, of what Explore shows and of all results. `answered`: questions of a lesson that have an answer."""
    card, capture = controller.card, controller.capture
    kind = kind_of(card.preprocess) if card is not None else ""
    prediction = tuple(capture.prediction) if capture is not None else ()
    results = known_results(controller)
    return facts_of(
        controller.session, Shown(kind, controller.pages.labelled, prediction, results, capture, card, answered)
    )


def window_state(controller: Controller) -> WindowState:
    """What a step of a lesson is recorded from."""
    return WindowState(controller.whole_session(), controller.pages.labelled, frozenset(known_results(controller)))


def known_results(controller: Controller) -> Mapping[str, Measured]:
    """What can be asked of each method that has a whole result for what is shown in Explore, in Compare and in the other workspaces.
    "compare.patches": of the attention in the columns of Compare."""
    found = {**controller.pages.known(), **controller.compare.pairs.known()}
    for view in controller.views.there.values():
        found.update(view.known())
    looks = [measured_look(each.asking.looked) for _, each in sorted(controller.compare.attention.columns.items())]
    if looks and all(looks):
        found["compare"] = {"patches": tuple(look["patches_of_mean"][0] for look in looks)}
    return found

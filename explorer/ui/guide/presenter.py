"""Runs a guide in the real window: starts its session, points, looks whether a step is done, shows it when asked."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QObject, QRect, QTimer, Signal

from explorer.core.guides.conditions import missing
from explorer.core.guides.guide import Guide, GuideStep, ShowInput, written
from explorer.core.guides.known_facts import Facts
from explorer.core.inputs import InputRef
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.controller import Controller
from explorer.ui.guide.guide_card import GuideCard
from explorer.ui.guide.highlight import Highlight
from explorer.ui.guide.performing import Performer, at_rest
from explorer.ui.guide.spots import spot
from explorer.ui.guide.window_facts import window_facts

_EVERY = 400  # ms: for what no signal tells, such as a result or a panel that has moved
_HINT_S = 20  # after which a hint is offered


class GuidePresenter(QObject):
    """`ended` carries the guide, and whether its last step was left by its button."""

    ended = Signal(object, bool)

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._c, self._window = controller, controller.window
        page = self._window.centralWidget()
        assert page is not None
        self.highlight, self.card = Highlight(page), GuideCard(page)
        self.guide: Guide | None = None
        self.at = 0
        self.before: Session | None = None  # what was open when the last guide began
        self.begun = False  # whether what the guide starts from has come
        self._done: set[str] = set()
        self._at_once: set[str] = set()  # steps that were done when they were come to
        self._since = QElapsedTimer()
        self._performer = Performer(controller, self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.look)
        self._soon = QTimer(self)  # one look for all signals of one turn of the loop
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.look)
        for told in (controller.state.changed, controller.state.history_changed, controller.captured):
            told.connect(self._look_soon)
        self.card.back.connect(self.back)
        self.card.next.connect(self.next)
        self.card.show_me.connect(self.show_me)
        self.card.closed.connect(self.close)

    # --- the way through it

    def begin(self, guide: Guide) -> None:
        """Opens what the guide starts from; what was open stays one step back."""
        self._performer.stop()
        self._c.live.stop()
        self.before = self._c.whole_session()
        self.guide, self.at, self.begun = guide, 0, False
        self._done.clear()
        self._at_once.clear()
        self._open_start(guide, self.before, guide.start.input)
        self.card.moved = False
        self._turn()
        self.card.show()
        self.card.raise_()
        self._timer.start()
        self.card.next_button.setFocus()

    @property
    def step(self) -> GuideStep | None:
        """The step that is shown; None while no guide runs."""
        return self.guide.steps[self.at] if self.guide is not None else None

    def next(self) -> None:
        """The next step, or the end."""
        self._performer.stop()
        if self.guide is None:
            return
        if self.at + 1 == len(self.guide.steps):
            self._end(True)
        else:
            self.at += 1
            self._turn()

    def back(self) -> None:
        """The step before."""
        self._performer.stop()
        if self.guide is not None and self.at > 0:
            self.at -= 1
            self._turn()

    def show_me(self) -> None:
        """Does the step."""
        if self.step is not None and not self._performer.busy:
            self._return()
            self._performer.perform(self.step.show)
            self.look()

    def _open_start(self, guide: Guide, now: Session, given: InputRef) -> None:
        start = guide.start
        now = replace(now, model=start.model, input=given, edits=(), order=None, workspace="explore")
        self._c.restore(replace(now, **dict(start.fields)))

    def _return(self) -> None:
        """To the model that the guide is about, with the input that it has come to, where something else was looked at."""
        guide = self.guide
        if guide is None:
            return
        if self._c.session.model != guide.start.model:
            acts = (act for step in guide.steps[: self.at] for act in step.show)
            shown = [act.input for act in acts if isinstance(act, ShowInput)]
            self._open_start(guide, self._c.whole_session(), shown[-1] if shown else guide.start.input)
        elif self._c.session.workspace != "explore":
            self._c.show_workspace("explore")

    def close(self) -> None:
        """Leaves the guide where it is."""
        self._end(False)

    def _end(self, whole: bool) -> None:
        guide, self.guide = self.guide, None
        self._performer.stop()
        self._timer.stop()
        self.highlight.frame(None)
        self.card.hide()
        if guide is not None:
            self.ended.emit(guide, whole)

    def restore(self) -> None:
        """What was open when the last guide began."""
        if self.before is not None:
            before, self.before = self.before, None
            self._end(False)
            self._c.restore(before)

    # --- what is seen

    @property
    def showing(self) -> bool:
        """Whether a step is being shown."""
        return self._performer.busy

    def facts(self) -> Facts:
        """Of the window, now."""
        return window_facts(self._c)

    def _turn(self) -> None:
        """Another step stands on the card."""
        assert self.guide is not None
        assert self.step is not None
        self.card.set_step(self.guide.title, self.at, len(self.guide.steps), self.step.title)
        self._since.start()
        self._at_once.discard(self.step.id)
        if self.begun and self.step.done.holds(self.facts()):
            self._at_once.add(self.step.id)
        self.look()

    def _look_soon(self, *_: object) -> None:
        if self.guide is not None:
            self._soon.start()

    def look(self) -> None:
        """Whether the step is done, and where to point."""
        step = self.step
        if step is None:
            return
        facts = self.facts()
        if not self.begun:
            self.begun = at_rest(self._c) and self._c.capture is not None
        elif step.done.holds(facts) and not self.showing:
            self._done.add(step.id)
        done = step.id in self._done
        then = written(step.then, facts) if done else ""
        text = written(step.text, facts) if not then or step.id in self._at_once else ""
        self.card.set_words(text, then, "" if done else self._hint(step, facts))
        self.card.set_done(done, self.showing)
        target = spot(self._window, step.point)
        self.highlight.frame(target if not done else None)
        self.highlight.raise_()
        self.card.stand(target, self._keep_free())
        self.card.raise_()

    def _hint(self, step: GuideStep, facts: Facts) -> str:
        """After a while, how it is done, and what is missing of it."""
        if self._since.elapsed() < 1000 * _HINT_S or self.showing:
            return ""
        words = (*step.hint, tr("Not yet: {list}.", list="; ".join(missing(step.done, facts))))
        return "\n".join(words)

    def _keep_free(self) -> tuple[QRect, ...]:
        places = (spot(self._window, (name,)) for name in ("prediction", "channel", "input"))
        return tuple(rect for rect in places if rect is not None)

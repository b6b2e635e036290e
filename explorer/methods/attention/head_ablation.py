"""The button that sets a head of the shown block to zero, as an edit like those of the page Ablation."""

from __future__ import annotations

from explorer.core.attention import AttentionCall
from explorer.core.attention_requests import Attended, HeadPlace, PlaceHead
from explorer.core.errors import Failure
from explorer.core.interventions import Edit
from explorer.core.translation import tr
from explorer.methods.attention.view import AttentionView
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.method_page.host import PageHost


class HeadAblation:
    """Offers the head that is shown alone; the edit is made once its channels are known."""

    def __init__(self, client: JobClient, view: AttentionView, host: PageHost) -> None:
        self._view, self._host = view, host
        self._task: Task[HeadPlace] = Task(client, "place of a head", self._take, self._fail)
        self._asked: PlaceHead | None = None
        view.ablate.clicked.connect(self._ask)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    def offer(self, of: Attended | None, call: AttentionCall, head: int | None) -> None:
        """A head of a block, None: the mean of all, which cannot be ablated."""
        fits = of is not None and head is not None and not call.reason and call.windows == 1
        self._asked = PlaceHead(of, call.name, head) if fits and of is not None and head is not None else None
        self._view.ablate.setVisible(self._asked is not None)
        if head is not None:
            self._view.ablate.setText(tr("Ablate head {head}", head=head))

    def leave(self) -> None:
        """The page is no longer looked at."""
        self._task.drop()

    def _ask(self) -> None:
        if self._asked is not None:
            self._task.ask(self._asked)

    def _take(self, found: HeadPlace, _done: bool) -> None:
        edit = Edit(found.tap, found.channels)
        if edit not in self._host.interventions.edits:
            self._host.interventions.put(edit)
            self._host.say(
                tr(
                    "Head {head} of {block} is 0: channels {channels}–{channels2} of {tap}. The page Ablation "
                    "takes it back.",
                    head=found.head,
                    block=found.block,
                    channels=found.channels[0],
                    channels2=found.channels[-1],
                    tap=found.tap,
                )
            )

    def _fail(self, failure: Failure) -> None:
        self._view.set_note(failure.text)

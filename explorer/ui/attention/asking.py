"""What is asked about the attention of one model on one picture, and what has come: a recording, heads, rows for a token.
Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.activations import Capture, Tap
from explorer.core.attention import AttentionCall, HeadSummary
from explorer.core.attention_queries import Attending, Looked, Overview, Query, Spot, nearest_call
from explorer.core.attention_requests import Attended, Look, LookEverywhere, RecordAttention, SummariseHeads, attended
from explorer.core.errors import Failure
from explorer.core.interventions import UNEDITED, Under
from explorer.core.models import AnyPreprocess
from explorer.core.progress import Progress
from explorer.ui.jobs.client import JobClient, Task


class AttentionAsking:
    """Answers to what was asked about another model, other edits or another picture, or about another block, are not taken.

    `keys` makes the engine's key of a kind of question: "compare {} 0". `changed` is called when a recording or the numbers of
    heads have come, have failed or were broken off; `seen` with rows, with why there are none, and with how far it is.
    """

    def __init__(
        self,
        client: JobClient,
        keys: str,
        changed: Callable[[], None],
        seen: Callable[[Looked | Overview | Failure | Progress], None],
    ) -> None:
        self._seen = seen
        self._record: Task[Attending] = Task(
            client, "attention", self._take, self._fail, self._tell, changed, key=keys.format("attention")
        )
        self._heads: Task[HeadSummary] = Task(
            client, "heads", self._take_heads, self._fail_heads, self._tell, changed, key=keys.format("heads")
        )
        self._look: Task[Looked] = Task(
            client, "look", self._take_look, self._fail_look, follows=True, key=keys.format("look")
        )
        self._overview: Task[Overview] = Task(
            client, "overview", self._take_overview, self._fail_overview, follows=True, key=keys.format("overview")
        )
        self.of: Attended | None = None
        self.capture: Capture | None = None  # None: nothing is wanted
        self.pre: AnyPreprocess | None = None
        self.attending: Attending | None = None
        self.failed = ""  # why there is none
        self.call: AttentionCall | None = None  # the block that is wanted
        self.looked: Looked | None = None
        self.overviewed: Overview | None = None
        self.unseen = ""  # why the last rows that were asked for have not come
        self._asked: Look | None = None
        self._asked_over: LookEverywhere | None = None
        self._near: dict[str, tuple[int, str]] = {}
        self._summaries: dict[str, HeadSummary] = {}
        self._uncounted: dict[str, str] = {}  # why a block has no summary
        self._progress = ""

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(task.waiting for task in (self._record, self._heads, self._look, self._overview))

    @property
    def recording(self) -> bool:
        """Whether the recording is on its way."""
        return self._record.waiting

    def begin(self, capture: Capture, pre: AnyPreprocess, under: Under = UNEDITED) -> bool:
        """It is about this capture from now on. Whether it is another one."""
        self.capture, self.pre, of = capture, pre, attended(capture, under)
        if of == self.of:
            return False
        self._stop()
        self.of, self.attending, self.failed = of, None, ""
        self.looked = self.overviewed = None
        for known in (self._near, self._summaries, self._uncounted):
            known.clear()
        return True

    def end(self) -> None:
        """Nothing is wanted any more: what runs stops, what was recorded stays."""
        if self.capture is not None:
            self.capture, self.failed = None, ""
            self._uncounted.clear()
            self._stop()

    def rest(self) -> None:
        """No rows and no heads are wanted, while the recording is: what goes through all blocks is made of it."""
        if self.attending is not None and self.call is not None:
            self._stop()
            self.looked = self.overviewed = None

    def close(self) -> None:
        """Asks for nothing more."""
        for task in (self._record, self._heads, self._look, self._overview):
            task.close()

    def _stop(self) -> None:
        self._record.drop()
        self._heads.drop()
        self.look_again()
        self.call, self.unseen = None, ""

    # --- asking ---

    def record(self) -> None:
        """Asks which attention there is, unless that is on its way."""
        if self.of is not None and not self._record.waiting:
            self.failed = ""
            self._record.ask(RecordAttention(self.of))

    def nearest(self, tap: Tap) -> tuple[int, str]:
        """(number of the attention that stands for a layer, how it lies to it)."""
        assert self.attending is not None
        assert self.capture is not None
        if tap.name not in self._near:
            self._near[tap.name] = nearest_call(self.attending.calls, self.capture.taps, tap)
        return self._near[tap.name]

    def go_to(self, call: AttentionCall) -> None:
        """Another block is wanted, or the same."""
        if call is not self.call:
            self.call, self._asked = call, None
            self._look.drop()

    def look_again(self) -> None:
        """Rows that are on their way are not wanted any more, and those that have come may be asked for again."""
        self._look.drop()
        self._overview.drop()
        self._asked = self._asked_over = None

    def look(self, query: Query, to: bool = False) -> None:
        """Asks for the rows or columns of a token of the block; not again for the same."""
        assert self.of is not None
        assert self.call is not None
        request = Look(self.of, self.call.name, query, to)
        if request != self._asked:
            self._asked, self.unseen = request, ""
            self._look.ask(request)

    def look_over(self, spot: Spot, to: bool = False) -> None:
        """Asks for the token at a spot in all blocks; not again for the same."""
        assert self.of is not None
        request = LookEverywhere(self.of, spot, to)
        if request != self._asked_over:
            self._asked_over, self.unseen = request, ""
            self._overview.ask(request)

    def count(self) -> None:
        """Asks for the numbers of the heads of the block, unless they are there or on their way."""
        assert self.of is not None
        assert self.call is not None
        request = SummariseHeads(self.of, self.call.name)
        known = request.block in self._summaries or request.block in self._uncounted
        if not known and not (self._heads.waiting and self._heads.request == request):
            self._progress = ""
            self._heads.ask(request)

    @property
    def summary(self) -> HeadSummary | None:
        """The numbers of the heads of the block, None while they are not known."""
        return self._summaries.get(self.call.name) if self.call is not None else None

    @property
    def uncounted(self) -> tuple[str, str]:
        """(how far the numbers of the heads are, why there are none)."""
        return self._progress, self._uncounted.get(self.call.name, "") if self.call is not None else ""

    # --- answers ---

    def _take(self, found: Attending, _done: bool) -> None:
        self.attending = found

    def _fail(self, failure: Failure) -> None:
        self.failed = failure.text

    def _tell(self, progress: Progress) -> None:
        self._progress = progress.text
        self._seen(progress)

    def _take_heads(self, found: HeadSummary, _done: bool) -> None:
        self._summaries[found.name] = found

    def _fail_heads(self, failure: Failure) -> None:
        if isinstance(self._heads.request, SummariseHeads):
            self._uncounted[self._heads.request.block] = failure.what

    def _take_look(self, found: Looked, _done: bool) -> None:
        self.looked, self.unseen = found, ""
        self._seen(found)

    def _fail_look(self, failure: Failure) -> None:
        self.looked, self.unseen = None, failure.text
        self._seen(failure)

    def _take_overview(self, found: Overview, _done: bool) -> None:
        self.overviewed, self.unseen = found, ""
        self._seen(found)

    def _fail_overview(self, failure: Failure) -> None:
        self.overviewed, self.unseen = None, failure.text
        self._seen(failure)

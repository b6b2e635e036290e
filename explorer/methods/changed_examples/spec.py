"""Changed examples: how many of a channel's nine best pictures are others after fine-tuning, or in another model."""

from __future__ import annotations

from typing import Any

from explorer.core.changed_examples import COUNT, ChangedExamples, turned
from explorer.core.data_index import GALLERY
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.pairs import PairOffers, PairParams
from explorer.core.ready_sets import data_title
from explorer.core.translation import tr


def data_name(data: str) -> str:
    """What a data set is called."""
    return tr("the sample gallery") if data == GALLERY else f"“{data_title(data)}”"


def _remarks(found: ChangedExamples, _params: PairParams) -> str:
    one, other = found.pictures
    many = f"{one:,}" if one == other else tr("{one:,} and {other:,}", one=one, other=other)
    return tr(
        "On average {mean:.1f} of {count} changed. Indexes of {data_name}, {many} inputs.",
        mean=found.mean,
        count=COUNT,
        data_name=data_name(found.data),
        many=many,
    )


def _to_json(found: ChangedExamples) -> dict[str, Any]:
    channels = [
        {"kept": list(channel.kept), "gone": list(channel.gone), "new": list(channel.new)} for channel in found.channels
    ]
    return {"taps": list(found.taps), "data": found.data, "pictures": list(found.pictures), "channels": channels}


def _write(found: ChangedExamples) -> str:
    lines = [
        tr(
            "{taps} and {taps2} over {data_name}: {mean:.2f} of {count} changed",
            taps=found.taps[0],
            taps2=found.taps[1],
            data_name=data_name(found.data),
            mean=found.mean,
            count=COUNT,
        )
    ]
    lines += [
        tr("{at:>7} {changed:>2} of {count} changed", at=at, changed=channel.changed, count=len(channel.first))
        for at, channel in enumerate(found.channels)
    ]
    return "\n".join(lines)


SPEC = MethodSpec(
    id="changed-examples",
    title=tr("Changed examples"),
    about=tr(
        "Changed examples: which of a channel's nine best pictures are others in the second model, by indexes of the same data"
    ),
    package="explorer.methods.changed_examples",
    scope=Scope.LAYER,
    params=PairParams,
    result=ChangedExamples,
    to_json=_to_json,
    write=_write,
    run_title=tr("Read"),
    noun=tr("comparison"),
    unit=tr("channels"),
    explained=Explanation(
        shows=tr(
            "For each channel, how many of its nine best pictures of an indexed data set are others in the second "
            "model."
        ),
        read=tr(
            "0 of 9: the channel answers to the same pictures as before; 9 of 9: to others. Sort by it to see what a "
            "training has changed."
        ),
        misleads=tr(
            "Channels are compared by their number, which means something only where the second model was made "
            "from the first."
        ),
    ),
    source="Zeiler and Fergus 2014 (examples of a channel)",
    command=False,
    pair=PairOffers(turned, _remarks),
)

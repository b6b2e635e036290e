"""Attention as a method: its page asks block by block and as the pointer moves; what it is about is which attention there is."""

from __future__ import annotations

from typing import Any

from explorer.core.attention_queries import Attending
from explorer.core.method import Explanation, MethodRequest, MethodSpec, Scope
from explorer.core.params import NoParams
from explorer.core.translation import tr

Asked = MethodRequest[NoParams, Attending]


def blocks_json(found: Attending) -> dict[str, Any]:
    """Every attention of a forward, in order."""
    return {
        "blocks": [
            {
                "name": call.name,
                "kind": str(call.kind),
                "heads": call.heads,
                "queries": call.queries.count,
                "keys": call.keys.count,
                "reason": call.reason,
            }
            for call in found.calls
        ]
    }


def blocks_table(found: Attending) -> str:
    """The same, one a line."""
    return "\n".join(
        tr(
            "{call}  {kind}  {heads} heads  {count} × {count2}",
            call=call.name,
            kind=call.kind,
            heads=call.heads,
            count=call.queries.count,
            count2=call.keys.count,
        )
        for call in found.calls
    )


SPEC: MethodSpec[NoParams, Attending] = MethodSpec(
    id="attention",
    title=tr("Attention"),
    about=tr("Attention maps, every head of every block"),
    package="explorer.methods.attention",
    scope=Scope.MODEL,
    params=NoParams,
    result=Attending,
    to_json=blocks_json,
    write=blocks_table,
    noun=tr("map"),
    own_presenter=True,
    command=False,  # the command also takes a block, a token, heads, and writes files
    explained=Explanation(
        shows=tr(
            "What the selected token attends to in every head: a row of softmax(q k′ / √d), recomputed from "
            "the model and checked against its own result."
        ),
        read=tr(
            "Each map is one head and sums to 1 over all tokens; bright patches give most to the token's next "
            "value; the weight on tokens before the grid stands apart."
        ),
        misleads=tr(
            "A weight is not an effect: it says how much of a token's value is mixed in, not whether it "
            "matters later; rollout and relevance are two estimates of that, and weights on class or register "
            "tokens often carry nothing of the picture."
        ),
    ),
    source="Vaswani et al. 2017 (attention); Abnar and Zuidema 2020 (rollout); Chefer et al. 2021 (relevance)",
)

"""Attention as a method: its page asks block by block and as the pointer moves; what it is about is which attention there is."""

from __future__ import annotations

from typing import Any

from explorer.core.attention_queries import Attending
from explorer.core.method import MethodRequest, MethodSpec, Scope
from explorer.core.params import NoParams

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
        f"{call.name}  {call.kind}  {call.heads} heads  {call.queries.count} × {call.keys.count}"
        for call in found.calls
    )


SPEC: MethodSpec[NoParams, Attending] = MethodSpec(
    id="attention",
    title="Attention",
    about="Attention maps, every head of every block",
    package="explorer.methods.attention",
    scope=Scope.MODEL,
    params=NoParams,
    result=Attending,
    to_json=blocks_json,
    write=blocks_table,
    noun="map",
    own_presenter=True,
    command=False,  # the command also takes a block, a token, heads, and writes files
)

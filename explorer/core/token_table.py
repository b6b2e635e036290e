"""The weights between tokens as a table: a line a pair, with the names of both. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from explorer.core.errors import ExplorerError
from explorer.core.token_labels import TokenLabel
from explorer.core.token_weights import TokenWeights
from explorer.core.translation import tr


def token_table(found: TokenWeights, queries: Sequence[TokenLabel], keys: Sequence[TokenLabel]) -> bytes:
    """CSV: head, number and name of the query and of the key, weight (float32, in full). Raises ExplorerError for a reduced matrix."""
    if not found.whole:
        why = tr(
            "Each of its cells stands for {steps} × {steps2} weights.", steps=found.steps[0], steps2=found.steps[1]
        )
        raise ExplorerError(tr("This matrix holds no single weights."), why, tr("Use the command attention --matrix."))
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["head", "query", "query_token", "key", "key_token", "weight"])
    for head, weights in enumerate(found.weights.tolist()):
        for q, row in enumerate(weights):
            writer.writerows([head, q, queries[q].text, k, keys[k].text, repr(value)] for k, value in enumerate(row))
    return made.getvalue().encode()

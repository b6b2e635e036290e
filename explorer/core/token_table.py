"""The weights between tokens as a table: a line a pair, with the names of both. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from explorer.core.errors import ExplorerError
from explorer.core.token_labels import TokenLabel
from explorer.core.token_weights import TokenWeights


def token_table(found: TokenWeights, queries: Sequence[TokenLabel], keys: Sequence[TokenLabel]) -> bytes:
    """CSV: head, number and name of the query and of the key, weight (float32, in full). Raises ExplorerError for a reduced matrix."""
    if not found.whole:
        why = f"Each of its cells stands for {found.steps[0]} × {found.steps[1]} weights."
        raise ExplorerError("This matrix holds no single weights.", why, "Use the command attention --matrix.")
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["head", "query", "query_token", "key", "key_token", "weight"])
    for head, weights in enumerate(found.weights.tolist()):
        for q, row in enumerate(weights):
            writer.writerows([head, q, queries[q].text, k, keys[k].text, repr(value)] for k, value in enumerate(row))
    return made.getvalue().encode()

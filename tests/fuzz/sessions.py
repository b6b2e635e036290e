"""Session files with hostile values: each is refused in words, or is opened by the real window without an error of the program."""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.layer_views import BasisOrigin, Shows
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Order, Session, from_json, to_json

NUMBERS = [
    0,
    -1,
    1,
    2,
    255,
    2**31 - 1,
    2**31,
    -(2**31),
    2**39,
    2**63 - 1,
    2**63,
    2**64,
    10**40,
    0.5,
    -0.5,
    1e-320,
    1e30,
]
NUMBERS += [1e39, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), 1.0, 99.9, 100, 101, 1 << 14, 1 << 20]
OTHERS: list[Any] = [
    None,
    True,
    False,
    "",
    "a",
    "0",
    "\0",
    "\ud800",
    "ä\u202e",
    "x" * 70_000,
    [],
    {},
    [1],
    [[1]],
    {"a": 1},
]
OTHERS += [[0] * 50, [-1, 0], [0, 0, 0, 0], [3, 3, 1, 1], ["a", "b"], {"kind": "video", "path": "/nowhere", "frame": 0}]
WORDS = [
    "explore",
    "compare",
    "maps",
    "components",
    "similarity",
    "attention",
    "measured",
    "fixed",
    "percentile",
    "magma",
]
WORDS += [
    "scene",
    "picture",
    "sample",
    "demo:shapes-vit",
    "demo:seeded",
    "file:/nowhere.py:x",
    "zero",
    "mean",
    "freeze",
]


def whole() -> Session:
    """A session in which every field holds something."""
    model, cat = ModelSpec("demo:shapes-cnn", preprocess=Preprocess(64, 64, channels=3)), InputRef("sample", "cat")
    edits = (Edit("stem.0", (0, 1), (0, 0, 2, 2)), Edit("stem.0", (2,), None, "mean", (0.5,)))
    columns = (
        Column(0, ModelSpec("demo:shapes-cnn"), None, "stem.0", 3, edits=edits),
        Column(1, ModelSpec("demo:shapes-plain"), cat, "stem.0", 1, offset=1, shows=Shows.SIMILARITY, head=0),
    )
    return Session(
        model,
        cat,
        "stem.0",
        2,
        (1, 1),
        order=Order("stem.0", "zeros", tuple(range(8))),
        comparison=Comparison(columns, kept=(0.5, 0.5)),
        pinned=BasisOrigin("digest", "stem.0", cat, "0123", "cat"),
        results=("channel-statistics", "cka"),
        pages=(("attention", '{"mode": "lines", "head": 1, "spot": [3.0, 4.0]}'),),
        methods=(("health", '{"inputs": "/nowhere/at all"}'),),
        target=1,
    )


def mutated(rng: random.Random) -> str:
    """The text of a session with one to three values in other values' place; sometimes half of it."""
    data = json.loads(to_json(whole(), {"/nowhere/at all": "../all"}))
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        places = list(_places(data))
        holder, key = rng.choice(places)
        value = rng.choice(rng.choice([NUMBERS, NUMBERS, OTHERS, WORDS]))
        if rng.random() < 0.15:
            value = copy.deepcopy(rng.choice(places)[0])
        if rng.random() < 0.1 and isinstance(holder, dict):
            holder.pop(key)
        else:
            holder[key] = value
    text = json.dumps(data)
    return text[: rng.randrange(len(text))] if rng.random() < 0.03 else text


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, below in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(below, (dict, list)):
            yield from _places(below)


def read(text: str) -> Session | None:
    """What is read of it; None where it is refused in words."""
    try:
        session = from_json(text)
    except ExplorerError:
        return None
    assert from_json(to_json(session)) == session
    return session


def in_window(
    texts: list[str], folder: Path, add: Callable[[str, str], None], app: Any, rest: Callable[[], None]
) -> int:
    """Opens them one after another in an open window, as files; how many could be read."""
    path, opened = folder / "s.fmx.json", 0
    for number, text in enumerate(texts):
        session = read(text)
        if session is None:
            continue
        opened += 1
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            app.open_session(path)
            rest()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            add(f"text {number}", f"{type(error).__name__}: {error}\n{text}")
    return opened


def main(argv: list[str]) -> int:
    """Ends with 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz sessions", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="texts that are read")
    parser.add_argument("--opened", type=int, default=200, help="texts of those that a window opens")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    rng = random.Random(given.seed)
    texts = [mutated(rng) for _ in range(given.count)]
    wrong = 0
    good = []
    for text in texts:
        try:
            if read(text) is not None:
                good.append(text)
        except Exception as error:  # noqa: BLE001
            wrong += 1
            print(f"FOUND {type(error).__name__}: {error}\n{text[:3000]}", flush=True)
    print(f"sessions: seed {given.seed}, {len(texts)} texts, {len(good)} can be read, {wrong} findings", flush=True)
    return 1 if _open(good[: given.opened]) or wrong else 0


def _open(texts: list[str]) -> int:
    import explorer.ui.dialogs.consent as dialog
    from tests.fuzz import monkey

    found = monkey.Findings()
    dialog.ask_consent = lambda *_: False
    app = monkey.open_window(found, [])
    monkey.settle(app, found)
    with tempfile.TemporaryDirectory() as folder:

        def rest() -> None:
            found.act(texts[0][:10])
            monkey.rest(app, found)

        opened = in_window(texts, Path(folder), found.add, app, rest)
    app.close()
    print(f"sessions: {opened} opened in a window, {len(found.every)} findings", flush=True)
    sys.stdout.flush()
    return len(found.every)

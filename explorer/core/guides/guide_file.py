"""Reads a guide from TOML. Unknown keys, facts and values are refused with the line and the key; nothing in it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from explorer.core.errors import ExplorerError
from explorer.core.guides.act_table import act_from, input_in, session_fields
from explorer.core.guides.condition_table import condition_from
from explorer.core.guides.guide import Guide, GuideStep, Start
from explorer.core.guides.toml_table import TomlTable, table_of
from explorer.core.models import ModelSpec
from explorer.core.system.paths import resources
from explorer.core.translation import tr

FORMAT = 1
BUILT_IN = ("first-steps", "shortcut")  # in the order of the menu
MOST_STEPS = 200


def guide_from(text: str, name: str = tr("the guide")) -> Guide:
    """Raises ExplorerError for what is no guide, with where and why."""
    table = table_of(text, name, tr("This guide cannot be used."))
    table.only("format", "id", "title", "about", "minutes", "start", "step")
    check_format(table)
    steps = steps_in(table)
    made = tuple(_step(each) for each in steps)
    if len({step.id for step in made}) < len(made):
        table.fail("step", tr("two steps have the same id"))
    return Guide(
        table.get("id", str),
        table.get("title", str),
        table.get("about", str),
        table.get("minutes", int),
        _start(TomlTable(table.file, ("start",), table.data.get("start"))),
        made,
    )


def check_format(table: TomlTable) -> None:
    """Raises ExplorerError for a version that this program does not read."""
    if table.get("format", int) != FORMAT:
        table.fail("format", tr("this program reads {format}", format=FORMAT))


def steps_in(table: TomlTable) -> tuple[TomlTable, ...]:
    """The tables of the steps, as many as can be shown."""
    count = len(table.get("step", list))
    if not 0 < count <= MOST_STEPS:
        table.fail("step", tr("there are {count}; 1 to {most_steps} can be shown", count=count, most_steps=MOST_STEPS))
    return table.tables("step")


def _start(table: TomlTable) -> Start:
    fields = {key: value for key, value in table.data.items() if key not in ("model", "input")}
    return Start(
        ModelSpec(table.get("model", str)),
        input_in(table, "input"),
        session_fields(TomlTable(table.file, table.path, fields)),
    )


def _step(table: TomlTable) -> GuideStep:
    table.only("id", "title", "text", "then", "hint", "point", "done", "show")
    done = condition_from(table.table("done"))
    acts = tuple(act_from(each) for each in table.tables("show"))
    if not acts:
        table.fail("show", tr("is empty: every step can be shown"))
    return GuideStep(
        table.get("id", str),
        table.get("title", str),
        table.get("text", str),
        done,
        acts,
        table.texts("point"),
        table.texts("hint"),
        table.get("then", str, ""),
    )


@lru_cache(maxsize=8)
def built_in(name: str) -> Guide:
    """A guide that comes with the application, in the language of the texts.

    Raises ExplorerError where its file is not there or no guide."""
    file = resources() / "guides" / f"{name}.toml"
    try:
        return translated(guide_from(file.read_text(encoding="utf-8"), file.name))
    except OSError as error:
        raise ExplorerError(tr("This guide cannot be opened."), f"{file}: {error.strerror or error}.") from None


def translated(guide: Guide) -> Guide:
    """In the language of the texts; what is not in its catalogue stays as it is."""
    return replace(
        guide, title=tr(guide.title), about=tr(guide.about), steps=tuple(_translated_step(each) for each in guide.steps)
    )


def _translated_step(step: GuideStep) -> GuideStep:
    return replace(
        step,
        title=tr(step.title),
        text=tr(step.text),
        hint=tuple(map(tr, step.hint)),
        then=tr(step.then) if step.then else "",
    )


def guides() -> Mapping[str, Guide]:
    """Those that come with the application, by id."""
    return {name: built_in(name) for name in BUILT_IN}

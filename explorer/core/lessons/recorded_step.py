"""A step of a lesson from what was done in the window: the difference of two sessions as conditions and acts, written as TOML."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from explorer.core.errors import ExplorerError
from explorer.core.guides.toml_table import lines_of
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.session.session import Session
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class WindowState:
    """What a step is recorded from. `labelled`: the class that is selected; `computed`: methods that have a result."""

    session: Session
    labelled: str = ""
    computed: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Recorded:
    words: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    show: list[str] = field(default_factory=list)
    point: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)  # that one act sets

    def note(self, words: str, done: str, point: Iterable[str] = ()) -> None:
        self.words.append(words)
        self.done.append(done)
        self.point += [name for name in point if name not in self.point]


def recorded_step(name: str, before: WindowState, after: WindowState) -> str:
    """The table of a step. Raises ExplorerError where nothing was done that a lesson can ask for."""
    found, old, new = _Recorded(), before.session, after.session
    if new.model is not None and old.model != new.model:
        found.note(
            tr("open the model {id}", id=new.model.id),
            f"model = {_text(new.model.id)}",
            ("toolbar.model",),
        )
        found.show.append(f"{{ model = {_text(new.model.id)} }}")
    if new.input is not None and old.input != new.input:
        given = _input(new.input)
        found.note(tr("open the input {given}", given=given), f"input = {_text(given)}", ("toolbar.input",))
        found.show.append(f"{{ input = {_text(given)} }}")
    _fields(found, old, new)
    if found.fields:
        found.show.append(f"{{ set = {{ {', '.join(found.fields)} }} }}")
    if after.labelled and before.labelled != after.labelled:
        found.note(
            tr("click {labelled} in the prediction", labelled=after.labelled),
            f"class = {_text(after.labelled)}",
            ("prediction",),
        )
        found.show.append(f"{{ class = {_text(after.labelled)} }}")
    _edits(found, old, new)
    for method in sorted(after.computed - before.computed):
        found.note(
            tr("compute {method}", method=method),
            f"computed = {_text(method)}",
            (f"page.{method}", f"tab.{method}"),
        )
        found.show.append(f"{{ run = {_text(method)} }}")
    if not found.done:
        raise ExplorerError(
            tr("There is no step to record."),
            tr("Nothing that a lesson can ask for has changed since the last step."),
            tr("Go to a layer, a channel, a cell or a page, edit channels or compute something first."),
        )
    return _written(name, found)


def _fields(found: _Recorded, old: Session, new: Session) -> None:
    if old.workspace != new.workspace:
        found.note(
            tr("open the workspace {workspace}", workspace=new.workspace),
            f"workspace = {_text(new.workspace)}",
        )
        found.fields.append(f"workspace = {_text(new.workspace)}")
    if new.tap and old.tap != new.tap:
        found.note(tr("go to the layer {tap}", tap=new.tap), f"tap = {_text(new.tap)}", ("strip",))
        found.fields.append(f"tap = {_text(new.tap)}")
    if old.channel != new.channel or (new.tap != old.tap and new.channel):
        found.note(
            tr("select channel {channel}", channel=new.channel),
            f"channel = {new.channel}",
            ("maps",),
        )
        found.fields.append(f"channel = {new.channel}")
    if old.cell != new.cell:
        cell = list(new.cell) if new.cell is not None else []
        found.note(
            tr("select the cell {cell}", cell=new.cell) if new.cell else tr("select no cell"),
            f"cell = {cell or 'false'}",
            ("map",),
        )
        found.fields.append(f"cell = {cell}")
    if new.page and old.page != new.page:
        found.note(tr("open the page {page}", page=new.page), f"page = {_text(new.page)}", (f"tab.{new.page}",))
        found.fields.append(f"page = {_text(new.page)}")
    for name, words in (
        ("shows", tr("show")),
        ("sort", tr("sort the maps by")),
        ("scale", tr("set the colour range to")),
    ):
        value = str(getattr(new, name))
        if str(getattr(old, name)) != value and value != "measured":
            found.note(f"{words} {value}", f"{name} = {_text(value)}", ("maps",))
            found.fields.append(f"{name} = {_text(value)}")


def _edits(found: _Recorded, old: Session, new: Session) -> None:
    if old.edits and not new.edits:
        found.note(tr("clear all edits"), "edits = { at_least = 0 }", ("page.ablation", "tab.ablation"))
        found.show.append("{ zero = { count = 0 } }")
        return
    fresh = [edit for edit in new.edits if edit not in old.edits and _is_plain(edit)]
    for tap in dict.fromkeys(edit.tap for edit in fresh):
        added = sorted({channel for edit in fresh if edit.tap == tap for channel in edit.channels})
        every = {c for edit in new.edits if edit.tap == tap and edit.region is None for c in edit.channels}
        words = tr("set the channels {list} of {tap} to zero", list=", ".join(map(str, added)), tap=tap)
        condition = f"edits = {{ tap = {_text(tap)}, at_least = {len(every)} }}"
        if any(each.startswith("edits") for each in found.done):
            condition = f"all = [{{ {condition} }}]"
        if any(each.startswith("all") for each in found.done):
            break  # a table has one key of a name: what is left is written by hand
        found.note(words, condition, ("page.ablation", "tab.ablation"))
        found.show.append(f"{{ zero = {{ tap = {_text(tap)}, channels = {added} }} }}")


def _is_plain(edit: Edit) -> bool:
    return edit.mode == "zero" and edit.region is None and bool(edit.channels)


def _input(ref: InputRef) -> str:
    return f"{ref.kind}:{ref.path}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _written(name: str, found: _Recorded) -> str:
    first, *others = found.words
    what = tr(", then ").join((first[:1].upper() + first[1:], *others))
    lines = [
        "[[step]]",
        f"id = {_text(name)}",
        f"title = {_text(tr('New step'))}",
        f"text = {_text(f'**{what}.**')}",
        f"point = [{', '.join(map(_text, found.point))}]" if found.point else "",
        f"done = {{ {', '.join(found.done)} }}",
        f"show = [{', '.join(found.show)}]",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def inserted(text: str, step: str, at: int) -> str:
    """lesson.toml with a step behind the step `at`, counted from 0."""
    lines = text.split("\n")
    line = lines_of(text).get(("step", at + 1))
    if line is None:
        return text.rstrip("\n") + "\n\n" + step
    before = lines[: line - 1]
    return "\n".join((*before, step, *lines[line - 1 :]))


def free_name(names: Iterable[str]) -> str:
    """An id that no step has: "step-4"."""
    taken = set(names)
    return next(name for at in range(len(taken) + 1, 2 * len(taken) + 3) if (name := f"step-{at}") not in taken)

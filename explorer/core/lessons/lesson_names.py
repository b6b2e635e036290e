"""What a lesson names: models, inputs, files of its own, layers, classes, methods. Pure: no file is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from explorer.core.activations import Capture
from explorer.core.guides.conditions import All, AnyOf, Computed, Condition, Not, Predicts, PredictsFirst, TextMatches
from explorer.core.guides.guide import (
    Act,
    CompareModels,
    Guide,
    RunMethod,
    SelectClass,
    SetFields,
    ShowInput,
    ShowModel,
    ZeroAmong,
)
from explorer.core.inputs import InputRef
from explorer.core.lessons.lesson import Lesson
from explorer.core.lessons.lesson_pictures import pictures_in
from explorer.core.lessons.lesson_texts import texts_of
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session.named_files import is_absolute, split_id
from explorer.core.translation import tr

OF_FILES = ("picture", "video", "sound", "lines")  # kinds of inputs whose path is one of a file

Whole = Callable[[str], str]  # a path as the lesson has it -> the path of a file


def relative_file(spec_or_input: ModelSpec | InputRef) -> str:
    """The file of the lesson that a model or an input names; "" where it names none."""
    if isinstance(spec_or_input, InputRef):
        path = spec_or_input.path if spec_or_input.kind in OF_FILES else ""
    else:
        _, file, _ = split_id(spec_or_input.id)
        path = file.path if file is not None else ""
    return path if path and not is_absolute(path) and not path.startswith("~") else ""


def placed(lesson: Lesson, whole: Whole) -> Lesson:
    """With the files of the lesson where they lie now."""

    def model(spec: ModelSpec) -> ModelSpec:
        if not relative_file(spec):
            return spec
        before, file, after = split_id(spec.id)
        return replace(spec, id=f"{before}{whole(file.path if file is not None else '')}{after}")

    def given(ref: InputRef) -> InputRef:
        return replace(ref, path=whole(ref.path)) if relative_file(ref) else ref

    def act(each: Act) -> Act:
        if isinstance(each, ShowInput):
            return ShowInput(given(each.input))
        if isinstance(each, ShowModel):
            return ShowModel(model(each.model))
        if isinstance(each, CompareModels):
            return replace(each, models=tuple(model(spec) for spec in each.models))
        return each

    def shown(guide: Guide) -> Guide:
        start = replace(guide.start, model=model(guide.start.model), input=given(guide.start.input))
        if lesson.weights:
            start = replace(start, model=replace(start.model, weights=whole(lesson.weights)))
        steps = tuple(replace(step, show=tuple(act(each) for each in step.show)) for step in guide.steps)
        return replace(guide, start=start, steps=steps)

    guide = shown(lesson.guide)
    steps = tuple(replace(step, guide=own) for step, own in zip(lesson.steps, guide.steps, strict=True))
    return replace(lesson, guide=guide, steps=steps)


def models_of(lesson: Lesson) -> tuple[ModelSpec, ...]:
    """All models that are opened, each once."""
    found = dict.fromkeys([lesson.guide.start.model])
    for act in _acts(lesson):
        if isinstance(act, ShowModel):
            found.setdefault(act.model)
        if isinstance(act, CompareModels):
            found.update(dict.fromkeys(act.models))
    return tuple(found)


def inputs_of(lesson: Lesson) -> tuple[InputRef, ...]:
    """All inputs that are opened, each once."""
    acts = (act.input for act in _acts(lesson) if isinstance(act, ShowInput))
    return tuple(dict.fromkeys((lesson.guide.start.input, *acts)))


def own_files(lesson: Lesson) -> tuple[str, ...]:
    """Files in the lesson that must be there: models, weights, inputs, pictures, the session."""
    named = [relative_file(spec) for spec in models_of(lesson)] + [relative_file(ref) for ref in inputs_of(lesson)]
    shown = (name for text in texts_of(lesson).values() for name in pictures_in(text))
    return tuple(dict.fromkeys(name for name in (*named, lesson.weights, lesson.session, *shown) if name))


def _acts(lesson: Lesson) -> Iterator[Act]:
    for step in lesson.steps:
        yield from step.guide.show


def methods_of(lesson: Lesson) -> tuple[str, ...]:
    """Methods that are run or asked for."""
    run = (act.method for act in _acts(lesson) if isinstance(act, RunMethod))
    asked = (part.method for step in lesson.steps for part in parts_of(step.guide.done) if isinstance(part, Computed))
    return tuple(dict.fromkeys((*run, *asked)))


def pages_of(lesson: Lesson) -> tuple[str, ...]:
    """Pages that are opened or asked for by their whole name."""
    fields = [lesson.guide.start.fields, *(act.fields for act in _acts(lesson) if isinstance(act, SetFields))]
    opened = (str(value) for each in fields for name, value in each if name == "page")
    return tuple(dict.fromkeys((*opened, *_texts(lesson, "page"))))


def _texts(lesson: Lesson, fact: str) -> Iterator[str]:
    """What conditions ask of a fact without * and ?."""
    for step in lesson.steps:
        for part in parts_of(step.guide.done):
            if isinstance(part, TextMatches) and part.fact == fact and not set("*?[") & set(part.pattern):
                yield part.pattern


def parts_of(condition: Condition) -> Iterator[Condition]:
    """A condition and all within it."""
    yield condition
    if isinstance(condition, (All, AnyOf)):
        for part in condition.parts:
            yield from parts_of(part)
    if isinstance(condition, Not):
        yield from parts_of(condition.part)


def missing_in(lesson: Lesson, card: ModelCard, capture: Capture) -> tuple[str, ...]:
    """In a teacher's words, what the steps name and the model of the start does not have: layers, channels, classes. Of lessons that
    open other models nothing is said: their layers are not known before."""
    if len(models_of(lesson)) > 1:
        return ()
    found: dict[str, None] = {}
    channels = {tap.name: tap.channels for tap in capture.taps}
    start = dict(lesson.guide.start.fields)
    _layer(tr("The start"), start.get("tap"), start.get("channel"), channels, found)
    for at, step in enumerate(lesson.steps, 1):
        where = tr("Step {at}, “{guide_title}”,", at=at, guide_title=step.guide.title)
        for act in step.guide.show:
            if isinstance(act, SetFields):
                fields = dict(act.fields)
                _layer(where, fields.get("tap"), fields.get("channel"), channels, found)
            elif isinstance(act, ZeroAmong) and act.channels:
                _layer(where, act.tap or None, max(act.channels), channels, found)
            elif isinstance(act, SelectClass):
                _label(where, act.label, card, found)
        for part in parts_of(step.guide.done):
            if isinstance(part, (Predicts, PredictsFirst)):
                _label(where, part.label, card, found)
    return tuple(found)


def _layer(where: str, tap: object, channel: object, channels: dict[str, int], found: dict[str, None]) -> None:
    if isinstance(tap, str) and tap and tap not in channels:
        found.setdefault(tr("{where} shows the layer {tap}, which this model does not have.", where=where, tap=tap))
    elif isinstance(tap, str) and isinstance(channel, int) and tap and channel >= channels[tap]:
        found.setdefault(
            tr(
                "{where} shows channel {channel} of the layer {tap}, which has {count} channels.",
                where=where,
                channel=channel,
                tap=tap,
                count=channels[tap],
            )
        )


def _label(where: str, label: str, card: ModelCard, found: dict[str, None]) -> None:
    if label not in card.labels:
        found.setdefault(
            tr("{where} is about the class “{label}”, which this model does not have.", where=where, label=label)
        )


@dataclass(frozen=True, slots=True)
class ExpectedPlace:
    """Where a step begins."""

    model: ModelSpec
    input: InputRef
    workspace: str


def expected_place(lesson: Lesson, at: int) -> ExpectedPlace:
    """Where the step `at` begins, after what “Show me” of the steps before it would have opened."""
    start = lesson.guide.start
    place = ExpectedPlace(start.model, start.input, str(dict(start.fields).get("workspace", "explore")))
    for step in lesson.steps[:at]:
        for act in step.guide.show:
            if isinstance(act, ShowModel):
                place = replace(place, model=act.model)
            elif isinstance(act, ShowInput):
                place = replace(place, input=act.input)
            elif isinstance(act, CompareModels):
                place = replace(place, workspace="compare")
            elif isinstance(act, SetFields) and "workspace" in dict(act.fields):
                place = replace(place, workspace=str(dict(act.fields)["workspace"]))
    return place

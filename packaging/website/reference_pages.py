"""Pages that are completed with what the program says of itself, so that there is one source of every text.

docs/methods/ID.md holds how a method is computed; what it shows, when it misleads, its parameters and its source come from its
spec. docs/command-options.md gets the options of every command, docs/methods/index.md the list of methods.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

# Commands and functions of methods that have none made from their spec.
COMMANDS = {
    "arithmetic": "arithmetic",
    "attribution": "explain",
    "ablation": "ablate",
    "maximise": "maximise",
    "attention": "attention",
    "examples": "top",
}
FUNCTIONS = {"attribution": "explain", "ablation": "ablate", "maximise": "maximise", "attention": "attention"}
NOT_IN_THE_CATALOGUE = ("index", "pca-colours", "similarity", "receptive-field")
_NO_LIMIT = 1e9
_LONG = 24  # characters of an option
_PAGE = "## How it is computed\n"


def complete(_app: Any, docname: str, source: list[str]) -> None:
    """Sphinx's event `source-read`."""
    folder, _, name = docname.rpartition("/")
    if docname == "command-options":
        source[0] += "".join(command_sections())
    elif docname == "methods/index":
        source[0] = source[0].replace("<!-- methods -->", methods_table())
    elif folder == "methods" and name not in NOT_IN_THE_CATALOGUE:
        source[0] = method_page(source[0], name)


def method_page(text: str, name: str) -> str:
    """The page of a method. Raises ValueError where the page and the spec are not about the same."""
    spec = specs().get(name)
    if spec is None:
        raise ValueError(f"docs/methods/{name}.md: no method has this id")
    title, found, computed = text.partition(_PAGE)
    if not found or title.splitlines()[0] != f"# {spec.title}":
        raise ValueError(f"docs/methods/{name}.md must begin with '# {spec.title}' and have '{_PAGE.strip()}'")
    computed = computed.replace("<!-- attribution methods -->", attribution_table())
    parts = [
        title.rstrip(),
        _sections(("What it shows", spec.explained.shows), ("How to read it", spec.explained.read)),
    ]
    parts += [f"{_PAGE}{computed.rstrip()}", _sections(("When it misleads", spec.explained.misleads))]
    parts += [_parameters(spec), _where(spec), _sections(("Source", spec.source))]
    return "\n\n".join(part for part in parts if part) + "\n"


def specs() -> dict[str, Any]:
    """The program's own methods by their id, in the order of the catalogue."""
    from explorer import catalogue

    return {entry.value.id: entry.value for entry in catalogue.methods.entries if not entry.package}


def methods_table() -> str:
    """A line a method: page, about what, what it shows."""
    lines = ["| method | is about | shows |", "|---|---|---|"]
    for name, spec in specs().items():
        lines.append(f"| [{spec.title}]({name}.md) | {_scope(spec)} | {_cell(spec.explained.shows)} |")
    return "\n".join(lines)


def attribution_table() -> str:
    """A line a method of attribution: title, and what it computes with its source."""
    from explorer.core.attribution import METHODS

    rows = (f"| {method.title} (`{name}`) | {_cell(method.about)} |" for name, method in METHODS.items())
    return "\n".join(("| method | computes |", "|---|---|", *rows))


def command_sections() -> Iterator[str]:
    """Every command with its usage and its options, from the parser itself."""
    import os

    os.environ.setdefault("COLUMNS", "100")
    from explorer.cli.commands import parser

    for name, about, command in _commands(parser()):
        yield f"\n## {name}\n\n{_plain(about)}\n\n"
        yield f"```text\n{command.format_usage().removeprefix('usage: ').strip()}\n```\n"
        rows = [row for action in command._actions if (row := _option(command, action))]
        if rows:
            yield "\n".join(("", "| option | is |", "|---|---|", *rows, ""))


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """(name, what it is for, its parser) of each, with those that stand below others."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {each.dest: each.help or "" for each in action._choices_actions}
            for name, command in action.choices.items():
                yield name, told.get(name) or command.description or "", command
                yield from ((f"{name} {part}", about, inner) for part, about, inner in _commands(command))


def _option(command: argparse.ArgumentParser, action: argparse.Action) -> str:
    if action.help in (None, argparse.SUPPRESS) or isinstance(
        action, argparse._HelpAction | argparse._SubParsersAction
    ):
        return ""
    shown = command._get_formatter()._format_action_invocation(action)
    shown = shown.replace("|", " | ") if len(shown) > _LONG else shown  # so that it can be broken
    told = command._get_formatter()._expand_help(action)
    return f"| {_code(shown)} | {_cell(told)} |"


def _parameters(spec: Any) -> str:
    from explorer.core.params import params_of

    rows = []
    for each in params_of(spec.params):
        cells = (_cell(each.title), _code(each.name), _code(_default(each)), _values(each), _cell(each.help))
        rows.append(f"| {' | '.join(cells)} |")
    head = ["## Parameters", "", "| parameter | name | default | values | is |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) if rows else ""


def _default(param: Any) -> str:
    if param.kind == "dataset":
        return "" if param.default is None else str(getattr(param.default, "kind", param.default))
    if param.kind == "flag":
        return "on" if param.default else "off"
    if param.least and param.default in (param.low, ""):
        return str(param.least)
    return f"{param.default} {param.unit}".strip()


def _values(param: Any) -> str:
    if param.choices:
        return ", ".join(f"`{value}`" for value in param.choices)
    if param.low is None and param.high is None:
        return ""
    low, high = _number(param.low), _number(param.high)
    return f"{low} to {high} {param.unit}".strip() if high else f"{low} or more"


def _number(end: float | None) -> str:
    """As it is read; "" where there is none, or one so large that it limits nothing."""
    if end is None or abs(end) > _NO_LIMIT:
        return ""
    return f"{int(end):,}" if end == int(end) else f"{end:g}"


def _where(spec: Any) -> str:
    window = "Compare, between the columns" if spec.pair is not None else "Explore, beside the selected channel"
    told = [
        f"* In the window: {window}, page *{spec.title}*." if spec.scope != "data set" else "* In the window: Transfer."
    ]
    command = spec.id if spec.command else COMMANDS.get(spec.id, "")
    if command:
        told.append(
            f"* Without a window: `feature-map-explorer {command} --help`; [its options](../command-options.md#{command})."
        )
    function = spec.id.replace("-", "_") if spec.command else FUNCTIONS.get(spec.id, "")
    if function:
        told.append(f"* In Python: `explorer.{function}(...)`; [Python API](../api.md).")
    told.append(f"* It is about: {_scope(spec)}.")
    return "\n".join(["## Where", "", *told])


def _scope(spec: Any) -> str:
    over = "two models" if spec.pair is not None else f"a {spec.scope}"
    return f"{over} ({', '.join(f'{kind}s' for kind in spec.kinds)})" if spec.kinds else over


def _sections(*parts: tuple[str, str]) -> str:
    return "\n\n".join(f"## {title}\n\n{_plain(text)}" for title, text in parts if text)


def _plain(text: str) -> str:
    """Text of the program as Markdown: what would be markup is not."""
    return "".join(f"\\{sign}" if sign in "*_`[]<>\\" else sign for sign in text)


def _cell(text: str) -> str:
    return _plain(" ".join(text.split())).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""

"""completion: a script for the shell that completes commands, options and their choices, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from explorer.cli.parser import Commands
from explorer.core.command_text import PROGRAM

_FUNCTION = "_" + PROGRAM.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Option:
    """An option with the words that may follow it; `value`: whether anything follows."""

    names: tuple[str, ...]
    help: str
    choices: tuple[str, ...] = ()
    value: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """A command: its options, and the words that it takes in a fixed place."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...] = ()


def add_parsers(commands: Commands) -> None:
    """The command and its argument."""
    parser = commands.add_parser("completion", help="print a script that completes commands and options in a shell")
    parser.add_argument("shell", choices=tuple(_SHELLS), help="source its output from the shell's start file")


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """What completes the commands of a parser in a shell."""
    return _SHELLS[shell](completed(parser))


def completed(parser: argparse.ArgumentParser) -> tuple[Completed, ...]:
    """All commands of a parser."""
    every = _parts(parser)
    helps = {each.dest: each.help or "" for each in every._choices_actions} if every is not None else {}
    commands = every.choices if every is not None else {}
    return tuple(
        Completed(name, helps.get(name, ""), tuple(_options(each)), _words(each)) for name, each in commands.items()
    )


def _parts(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser] | None:
    return next((each for each in parser._actions if isinstance(each, argparse._SubParsersAction)), None)


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            # a word with a space is one to no shell's list of words
            choices = tuple(str(each) for each in action.choices or () if " " not in str(each))
            about = (action.help or "") % vars(action) if "%(" in (action.help or "") else action.help or ""
            yield Option(tuple(action.option_strings), about.replace("%%", "%"), choices, action.nargs != 0)
    inner = _parts(parser)
    for part in inner.choices.values() if inner is not None else ():
        yield from (option for option in _options(part) if option.names[0] != "-h")


def _words(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """Parts of a command, or the choices of what stands first."""
    found = (each.choices for each in parser._actions if not each.option_strings and each.choices)
    return tuple(str(word) for choices in found for word in choices)


def bash(commands: tuple[Completed, ...]) -> str:
    """For bash 4 and newer: `source <(feature-map-explorer completion bash)`."""
    values = [
        f'    "{command.name} {name}") COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$cur")); return ;;'
        for command in commands
        for option in command.options
        for name in option.names
        if option.choices
    ]
    words = [
        f'    {command.name}) options="{" ".join(_names(command))}" words="{" ".join(command.words)}" ;;'
        for command in commands
    ]
    return "\n".join(
        (
            f"# bash completion of {PROGRAM}",
            f"{_FUNCTION}() {{",
            '  local cur="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" options="" words=""',
            '  if [ "$COMP_CWORD" -eq 1 ]; then',
            f'    COMPREPLY=($(compgen -W "{" ".join(command.name for command in commands)}" -- "$cur") $(compgen -f -- "$cur"))',
            "    return",
            "  fi",
            '  case "${COMP_WORDS[1]} $before" in',
            *values,
            "  esac",
            '  case "${COMP_WORDS[1]}" in',
            *words,
            "  esac",
            '  if [[ "$cur" == -* ]]; then',
            '    COMPREPLY=($(compgen -W "$options" -- "$cur"))',
            "  else",
            '    COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur"))',
            "  fi",
            "}",
            f"complete -o filenames -F {_FUNCTION} {PROGRAM}",
        )
    )


def zsh(commands: tuple[Completed, ...]) -> str:
    """For zsh: `source <(feature-map-explorer completion zsh)` after compinit."""
    lines = [f"#compdef {PROGRAM}", f"{_FUNCTION}() {{", "  local -a commands=("]
    lines += [f"    {_quoted(command.name + ':' + command.help)}" for command in commands]
    lines += [
        "  )",
        "  if (( CURRENT == 2 )); then",
        "    _describe command commands",
        "    _files",
        "    return",
        "  fi",
    ]
    lines += ["  local command=$words[2]", "  shift words", "  (( CURRENT-- ))", "  case $command in"]
    for command in commands:
        rest = f"'*:word:({' '.join(command.words)})'" if command.words else "'*:file:_files'"
        lines += [f"    {command.name})", "      _arguments \\", *_zsh_options(command), f"        {rest} ;;"]
    return "\n".join((*lines, "  esac", "}", f"compdef {_FUNCTION} {PROGRAM}"))


def _zsh_options(command: Completed) -> Iterator[str]:
    for option in command.options:
        about = option.help.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", ";")
        after = f":value:({' '.join(option.choices)})" if option.choices else ":value:_files" if option.value else ""
        for name in option.names:
            yield f"        {_quoted(f'*{name}[{about}]{after}')} \\"


def fish(commands: tuple[Completed, ...]) -> str:
    """For fish: `feature-map-explorer completion fish | source`."""
    lines = [f"# fish completion of {PROGRAM}"]
    for command in commands:
        seen = f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from {command.name}'"
        lines.append(f"complete -c {PROGRAM} -n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}")
        if command.words:
            lines.append(f"{seen} -a {_quoted(' '.join(command.words))}")
        for option in command.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            values = f" -xa {_quoted(' '.join(option.choices))}" if option.choices else " -r" if option.value else ""
            lines.append(f"{seen} {names}{values} -d {_quoted(option.help)}")
    return "\n".join(lines)


def _names(command: Completed) -> list[str]:
    return [name for option in command.options for name in option.names]


def _quoted(text: str) -> str:
    """For all three shells."""
    return "'" + text.replace("'", "").replace("\n", " ") + "'"


_SHELLS: Mapping[str, Callable[[tuple[Completed, ...]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

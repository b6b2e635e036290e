"""Every text for people, in the language that was chosen: English stands in the source, others in resources/locale/LANGUAGE.po.

A text is looked up as it stands in the source, before its values are put in: tr("Layer {name}", name=name). The language is
installed once, before the modules with texts are imported, for many texts are constants; another one needs a restart. Nothing
that is stored, compared or read by a program is translated. Numbers and units are written the same way in all languages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from explorer.core.errors import ExplorerError
from explorer.core.message_catalogue import plural_rule, read_messages
from explorer.core.system import paths

VARIABLE = "FME_LANGUAGE"
SETTING = "language"
SYSTEM, ENGLISH = "", "en"
PSEUDO, PSEUDO_RTL = "pseudo", "pseudo-rtl"
RIGHT_TO_LEFT = frozenset({PSEUDO_RTL, "ar", "fa", "he", "ur"})

_OWN_NAMES = {"de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano", "pl": "Polski", "pt": "Português"}
Translated = Callable[[str], str]
S = TypeVar("S", bound=str)


@dataclass(slots=True)
class _Language:
    """What is installed. `more`: by the text in the singular, one translation for each plural form."""

    name: str = ENGLISH
    said: dict[str, str] = field(default_factory=dict)
    more: dict[str, list[str]] = field(default_factory=dict)
    form: Callable[[int], int] = lambda n: int(n != 1)
    changed: Translated | None = None


_now = _Language()


def tr(text: str, /, **values: object) -> str:
    """The text in the language installed, with the values put in as `str.format` does; without values its braces stay.

    A text that is not in the catalogue stays English, as does one whose translation has other placeholders.
    """
    said = _now.said.get(text, text) if _now.changed is None else _now.changed(text)
    if not values:
        return said
    try:
        return said.format(**values)
    except (KeyError, IndexError, ValueError):
        return text.format(**values)


def ntr(one: str, more: str, n: int, /, **values: object) -> str:
    """The text for the number `n`, in the plural form that the language has for it; `{n}` is the number."""
    values.setdefault("n", n)
    forms = _now.more.get(one)
    if forms is None:
        return tr(one if n == 1 else more, **values)
    try:
        return forms[_now.form(n)].format(**values)
    except (KeyError, IndexError, ValueError):
        return (one if n == 1 else more).format(**values)


def msgid(text: S) -> S:
    """The text itself, in the catalogue: one that is also a key is translated where it is shown, by `tr`."""
    return text


def language() -> str:
    """What is installed: "en", "de", "pseudo" …"""
    return _now.name


def is_right_to_left() -> bool:
    return _now.name in RIGHT_TO_LEFT


def languages() -> dict[str, str]:
    """What can be chosen: each name with what the language calls itself."""
    found = {ENGLISH: "English"}
    for file in sorted((paths.resources() / "locale").glob("*.po")):
        found[file.stem] = _OWN_NAMES.get(file.stem, file.stem)
    return found


def install(name: str) -> str:
    """Makes `name` ("de", "de_AT", "pseudo" …) the language of all texts and returns what it is now: English where
    there is no catalogue for it. Raises ExplorerError for a catalogue that cannot be read."""
    _now.said, _now.more, _now.changed, _now.name = {}, {}, None, ENGLISH
    if name in (PSEUDO, PSEUDO_RTL):
        _now.name, _now.changed = name, pseudo
        return name
    code = re.split(r"[-_.@]", name)[0].lower()
    file = paths.resources() / "locale" / f"{code}.po"
    if code.isalpha() and file.is_file():
        try:
            _load(file.read_text(encoding="utf-8"), file.name)
        except (OSError, UnicodeDecodeError) as error:
            raise ExplorerError("A catalogue of translations cannot be read.", f"{file}: {error}") from None
        _now.name = code
    return _now.name


def _load(text: str, name: str) -> None:
    from gettext import c2py  # the standard library's reader of plural rules

    header = ""
    for message in read_messages(text, name):
        if not message.text:
            header = message.said[0]
        elif message.is_translated and message.more:
            _now.more[message.text] = message.said
        elif message.is_translated:
            _now.said[message.text] = message.said[0]
    _now.form = c2py(plural_rule(header))


def chosen(system: Callable[[], str] = str) -> str:
    """The language asked for: by the variable FME_LANGUAGE, else in the settings, else by `system`, which is asked only then,
    else by LC_ALL, LC_MESSAGES or LANG."""
    asked = os.environ.get(VARIABLE, "") or _stored() or system()
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return asked or next(filter(None, names), ENGLISH)


def _stored() -> str:
    """Read without Qt, which must not be needed for a command's help."""
    try:
        lines = (paths.config_dir() / "settings.ini").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{SETTING}=")), "")


def capitalised(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """The text as a part of a sentence: with a small first letter in English; as it is in other languages, where it may be a noun."""
    return text[:1].lower() + text[1:] if _now.name == ENGLISH else text


# --- a language that shows what is not translated, and what has no room

_ACCENTED = str.maketrans("aceinouyACEINOUY", "àçéîñöûýÀÇÉÎÑÖÛÝ")
# placeholders, %(name)s, tags, entities, patterns of files, keys of menus
_KEPT = re.compile(r"\{[^{}]*\}|\{\{|\}\}|%\(\w+\)[sd]|%%|%s|<[^<>]*>|&\w+;|\(\*[^)]*\)|https?://\S+|\]\([^)]*\)")


def pseudo(text: str) -> str:
    """The text with accents, about a third longer, in brackets: "[Öpéñ ~~]". Placeholders and tags stay."""
    if not any(letter.isalpha() for letter in text):
        return text
    parts, at = [], 0
    for match in _KEPT.finditer(text):
        parts += [text[at : match.start()].translate(_ACCENTED), match[0]]
        at = match.end()
    parts.append(text[at:].translate(_ACCENTED))
    longer = "~" * max(1, min(30, len(text) // 3))
    return f"[{''.join(parts)} {longer}]"

"""The catalogues of translations: resources/locale/LANGUAGE.po, made from the texts of the source.

    python packaging/translations.py extract            brings all catalogues up to date; texts that are gone go out
    python packaging/translations.py check              exits 1 where one is out of date, misses a text or has other placeholders
    python packaging/translations.py todo LANGUAGE      the texts without a translation, as JSON: [{id, where, text, plural}]
    python packaging/translations.py fill LANGUAGE FILE takes translations in, as JSON: [{text, translation}]; a text with a
                                                        plural takes a list, one for each form
    python packaging/translations.py new LANGUAGE       an empty catalogue

A text is an argument of `tr`, `ntr` or `msgid` (explorer/core/translation.py) that stands there as a literal.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from explorer.core.message_catalogue import Message, read_messages, written  # noqa: E402

LOCALE = ROOT / "resources" / "locale"
_CALLS = {"tr": 1, "msgid": 1, "ntr": 2}
_PLURALS = {"de": "nplurals=2; plural=n != 1;"}
_HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nLanguage: {}\nPlural-Forms: {}\n"
# what argparse says by itself, by its own gettext
_ARGPARSE = (
    "usage: ",
    "options",
    "positional arguments",
    "show this help message and exit",
    "show program's version number and exit",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "invalid %(type)s value: %(value)r",
    "expected one argument",
    "expected at least one argument",
    "argument %(argument_name)s: %(message)s",
    "not allowed with argument %s",
    "one of the arguments %s is required",
)


def texts_of(source: str, name: str) -> Iterator[tuple[str, str]]:
    """(text, plural or "") of one file. ValueError for a call whose text is no literal, such as an f-string."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if not isinstance(node.func, ast.Name) or node.func.id not in _CALLS:
            continue
        given = node.args[: _CALLS[node.func.id]]
        literal = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if len(literal) == len(given) == _CALLS[node.func.id]:
            yield literal[0], literal[1] if len(literal) > 1 else ""
        elif any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in given):
            raise ValueError(f"{name}:{node.lineno}: {ast.unparse(node)[:80]}: the text is no literal")


def extracted() -> list[Message]:
    """All texts, by file and line; one that stands in several files names them all."""
    found: dict[str, Message] = {}
    for path in sorted((ROOT / "explorer").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name == "explorer/core/translation.py":
            continue
        source = path.read_text(encoding="utf-8")
        if "explorer.core.translation import" not in source:
            continue
        for text, more in texts_of(source, name):
            message = found.setdefault(text, Message(text, more))
            message.more = message.more or more
            if name not in message.where:
                message.where = (*message.where, name)
    for text in _ARGPARSE:
        found.setdefault(text, Message(text)).where += ("argparse",)
    return list(found.values())


def catalogue_of(language: str) -> Path:
    return LOCALE / f"{language}.po"


def merged(language: str, texts: list[Message]) -> list[Message]:
    """The texts with the translations that the catalogue has for them."""
    header = Message("", said=[_HEADER.format(language, _PLURALS.get(language, "nplurals=2; plural=n != 1;"))])
    known: dict[str, Message] = {}
    if catalogue_of(language).is_file():
        for each in read_messages(catalogue_of(language).read_text(encoding="utf-8"), catalogue_of(language).name):
            if not each.text:
                header = each
            known[each.text] = each
    for text in texts:
        old = known.get(text.text)
        if old is not None and bool(old.more) == bool(text.more):
            text.said, text.notes, text.fuzzy = old.said, old.notes, old.fuzzy
    return [header, *texts]


def problems(messages: list[Message]) -> list[str]:
    """What is wrong with translations: missing, other placeholders, other white space at the ends, other mnemonics."""
    found = []
    for each in messages:
        if not each.text:
            continue
        name = f"{each.where[0] if each.where else ''}: {each.text[:70]!r}"
        if not each.is_translated:
            found.append(f"{name} is not translated")
            continue
        sources = [each.text, each.more or each.text]
        for at, said in enumerate(each.said):
            source = sources[min(at, 1)]
            if fields_of(said) - fields_of(sources[0]) - fields_of(sources[1]) or (
                not each.more and fields_of(said) != fields_of(source)
            ):
                found.append(f"{name} has other placeholders in {said[:70]!r}")
            if (said[:1].isspace(), said[-1:].isspace()) != (source[:1].isspace(), source[-1:].isspace()):
                found.append(f"{name} begins or ends with other white space in {said[:70]!r}")
    return found


def fields_of(text: str) -> frozenset[tuple[str, str]]:
    """Placeholders with their formats; %-fields too. A text that is no template has none."""
    fields = set(re.findall(r"%(\(\w+\))?[sdr](?![a-z])", text)) and {
        (m, "%") for m in re.findall(r"%(?:\(\w+\))?[sdr](?![a-z])", text)
    }
    try:
        fields |= {
            (name, f"{conversion or ''}:{spec}") for _, name, spec, conversion in string.Formatter().parse(text) if name
        }
    except ValueError:
        pass
    return frozenset(fields)


def todo(language: str) -> list[dict[str, object]]:
    rows = (each for each in merged(language, extracted()) if each.text and not each.is_translated)
    return [
        {"id": at, "where": ", ".join(each.where), "text": each.text, **({"plural": each.more} if each.more else {})}
        for at, each in enumerate(rows, 1)
    ]


def fill(language: str, file: Path) -> int:
    """Returns how many texts got a translation."""
    given = {
        row["text"]: row["translation"]
        for row in json.loads(file.read_text(encoding="utf-8"))
        if row.get("translation")
    }
    messages, count = merged(language, extracted()), 0
    for each in messages:
        said = given.get(each.text)
        if each.text and said is not None:
            forms = said if isinstance(said, list) else [said, said] if each.more else [said]
            each.said, each.fuzzy = list(forms), False
            count += 1
    catalogue_of(language).write_text(written(messages), encoding="utf-8")
    return count


def check() -> list[str]:
    found = []
    for path in sorted(LOCALE.glob("*.po")):
        text = path.read_text(encoding="utf-8")
        messages = merged(path.stem, extracted())
        if written(messages) != text:
            found.append(f"{path.name} is out of date: python packaging/translations.py extract")
        found += [f"{path.name}: {each}" for each in problems(messages)]
    return found


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("extract", "check", "todo", "fill", "new"))
    parser.add_argument("language", nargs="?", default="")
    parser.add_argument("file", nargs="?", type=Path)
    args = parser.parse_args(given)
    if args.what == "check":
        found = check()
        print("\n".join(found) or "Every text is translated.")
        return int(bool(found))
    if args.what == "todo":
        print(json.dumps(todo(args.language), ensure_ascii=False, indent=1))
    elif args.what == "fill":
        print(f"{fill(args.language, args.file)} translations taken in")
    elif args.what == "new":
        LOCALE.mkdir(exist_ok=True)
        catalogue_of(args.language).write_text(written(merged(args.language, extracted())), encoding="utf-8")
    else:
        for path in sorted(LOCALE.glob("*.po")):
            messages = merged(path.stem, extracted())
            path.write_text(written(messages), encoding="utf-8")
            print(f"{path.name}: {sum(not each.is_translated for each in messages if each.text)} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Texts are looked up before values are put in; what is not translated, or wrongly, stays English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.core import translation
from explorer.core.errors import ExplorerError
from explorer.core.message_catalogue import Message, written
from explorer.core.translation import msgid, ntr, pseudo, tr

POLISH = "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    translation.install(translation.ENGLISH)


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(translation.paths, "resources", lambda: tmp_path)
    (tmp_path / "locale").mkdir()
    return tmp_path / "locale"


def store(locale: Path, *messages: Message, header: str = POLISH) -> None:
    (locale / "pl.po").write_text(written([Message("", said=[header]), *messages]), encoding="utf-8")


def test_english_is_the_source_itself() -> None:
    assert tr("Layer {name} has {n:,} channels.", name="a", n=1200) == "Layer a has 1,200 channels."
    assert tr("set {not a field}") == "set {not a field}"
    assert [ntr("{n} map", "{n} maps", n) for n in (0, 1, 2)] == ["0 maps", "1 map", "2 maps"]
    assert ntr("{n:,} map of {tap}", "{n:,} maps of {tap}", 2000, tap="x") == "2,000 maps of x"
    assert translation.language() == "en"


def test_a_text_is_looked_up_before_its_values_are_put_in(locale: Path) -> None:
    store(locale, Message("{a} of {b}", said=["{b}: {a}"]), Message("Open", said=["Otwórz"]))
    assert translation.install("pl_PL.UTF-8") == "pl"
    assert tr("{a} of {b}", a=1, b=2.0) == "2.0: 1"
    assert tr(msgid("Open")) == "Otwórz"
    assert tr("Close") == "Close"


def test_the_language_has_its_own_plurals(locale: Path) -> None:
    store(locale, Message("{n} file", "{n} files", ["{n} plik", "{n} pliki", "{n} plików"]))
    translation.install("pl")
    found = [ntr("{n} file", "{n} files", n) for n in (1, 3, 5, 22, 112)]
    assert found == ["1 plik", "3 pliki", "5 plików", "22 pliki", "112 plików"]


def test_a_translation_with_another_placeholder_is_not_used(locale: Path) -> None:
    store(
        locale,
        Message("{name} is gone", said=["{nazwa} zniknął"]),
        Message("{n} bit", "{n} bits", ["{m}", "{m}", "{m}"]),
    )
    translation.install("pl")
    assert tr("{name} is gone", name="x") == "x is gone"
    assert ntr("{n} bit", "{n} bits", 2) == "2 bits"


@pytest.mark.parametrize("name", ["", "en", "xx", "../pl", "C", "POSIX"])
def test_a_language_without_a_catalogue_is_english(locale: Path, name: str) -> None:
    store(locale, Message("Open", said=["Otwórz"]))
    assert translation.install(name) == "en"
    assert tr("Open") == "Open"


def test_a_damaged_catalogue_is_named(locale: Path) -> None:
    (locale / "pl.po").write_text("rubbish", encoding="utf-8")
    with pytest.raises(ExplorerError, match=r"pl\.po line 1"):
        translation.install("pl")


def test_what_is_asked_for_comes_first(monkeypatch: pytest.MonkeyPatch, app_home: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "FME_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert translation.chosen() == "de_DE.UTF-8"
    assert translation.chosen(lambda: "fr") == "fr"
    (app_home / "config").mkdir(exist_ok=True)
    (app_home / "config" / "settings.ini").write_text("[General]\nlanguage=pl\ntheme=dark\n", encoding="utf-8")
    assert translation.chosen(lambda: "fr") == "pl"
    monkeypatch.setenv("FME_LANGUAGE", "en")
    assert translation.chosen(lambda: "fr") == "en"


def test_the_pseudo_language_keeps_what_is_no_word() -> None:
    assert pseudo("Open") == "[Öpéñ ~]"
    assert pseudo("{name:.1f} of <b>{n}</b> &amp; (*.png)").startswith("[{name:.1f} öf <b>{n}</b> &amp; (*.png) ~")
    assert pseudo("%(prog)s is 100 %% done").startswith("[%(prog)s îs 100 %% döñé ~")
    assert pseudo("± 3") == "± 3"
    translation.install("pseudo")
    assert tr("Layer {name}", name="a.b") == "[Làýér a.b ~~~~]"
    assert ntr("{n} map", "{n} maps", 3).startswith("[3 màps ~")
    assert not translation.is_right_to_left()
    translation.install("pseudo-rtl")
    assert translation.is_right_to_left()


def test_a_sentence_begins_large_and_goes_on_small_only_in_english() -> None:
    assert translation.capitalised("a CKA map") == "A CKA map"
    assert translation.uncapitalised("Save CKA") == "save CKA"
    translation.install("pseudo")
    assert translation.uncapitalised("Modell") == "Modell"

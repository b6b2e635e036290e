"""The documentation site: built without a warning, whole without a network, and complete."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from explorer import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def website(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging" / "website"))


def part(name: str) -> ModuleType:
    return importlib.import_module(name)


def test_every_method_has_a_page_and_every_page_a_method() -> None:
    methods = {entry.value.id for entry in catalogue.methods.entries if not entry.package}
    pages = {path.stem for path in (ROOT / "docs" / "methods").glob("*.md")}
    assert pages - methods == {"index", "pca-colours", "similarity", "receptive-field"}
    assert methods <= pages


def test_a_page_of_a_method_has_the_words_of_its_spec(website: None) -> None:
    reference = part("reference_pages")
    spec = reference.specs()["cka"]
    text = reference.method_page((ROOT / "docs" / "methods" / "cka.md").read_text(encoding="utf-8"), "cka")
    places = [
        text.index(f"## {title}\n") for title in ("What it shows", "How it is computed", "When it misleads", "Source")
    ]
    assert places == sorted(places)
    for words in (spec.explained.shows, spec.explained.misleads, spec.source):
        assert words in text
    assert "`mean`, `flat`" in text  # its parameter, with what it can be
    assert "../command-options.md#cka" in text
    with pytest.raises(ValueError, match="must begin with"):
        reference.method_page("# Another\n\n## How it is computed\n", "cka")


def test_every_picture_is_drawn_by_a_command_or_a_state_or_known_to_be_made_by_hand(website: None) -> None:
    pictures = part("site_pictures")
    drawn = [*pictures.COMMANDS, *pictures.STATES, *pictures.BY_HAND]
    assert sorted(drawn) == sorted(path.stem for path in (ROOT / "docs" / "images").glob("*.png"))


def test_a_picture_of_the_window_is_kept_small_and_a_figure_as_it_was_made(website: None, tmp_path: Path) -> None:
    from PIL import Image

    pictures = part("site_pictures")
    drawn = tmp_path / "drawn.png"
    Image.radial_gradient("L").convert("RGB").save(drawn)
    pictures.keep(drawn, tmp_path / "transfer-layers.png")
    pictures.keep(drawn, tmp_path / "figure-cka.png")
    with Image.open(tmp_path / "transfer-layers.png") as small:
        assert (small.mode, small.size) == ("P", (256, 256))
    assert (tmp_path / "figure-cka.png").read_bytes() == drawn.read_bytes()


def test_links_out_of_the_site_name_the_file_and_others_stay(website: None) -> None:
    rewritten = part("outside_links").rewritten
    assert rewritten("[terms](../resources/glossary.md)", "window") == "[terms](glossary.md)"
    assert rewritten("[terms](../../resources/glossary.md)", "tasks/own-model") == "[terms](../glossary.md)"
    assert (
        rewritten("[an example](../examples/score_cam)", "plugins")
        == "an example (`examples/score_cam` in the sources)"
    )
    for kept in ("[a page](api.md#values)", "[web](https://example.org/x)", "![picture](images/a.png)", "[here](#top)"):
        assert rewritten(kept, "window") == kept


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<script src="https://cdn.example.org/x.js"></script>', "loads https://cdn.example.org/x.js from outside"),
        ('<link rel="stylesheet" href="//fonts.example.org/a.css">', "loads //fonts.example.org/a.css from outside"),
        ("<style>a { src: url(https://example.org/f.woff) }</style>", "loads https://example.org/f.woff from outside"),
        ('<a href="https:/example.org">x</a>', "https:/example.org is no address"),
        ('<img src="a.png"><a href="https://example.org/a">x</a><a href="b.html#c">y</a>', ""),
    ],
)
def test_what_a_page_would_load_from_a_network_is_found(website: None, tmp_path: Path, page: str, fault: str) -> None:
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    found = list(part("built_pages").faults(tmp_path))
    assert [each for each in found if fault in each] == found
    assert bool(found) == bool(fault)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_without_a_network(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "packaging" / "docs.py"), "--out", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr  # faults() has looked at every page
    site = tmp_path / "site"
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    written = {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }
    assert pages - written == {"search.html"}
    assert written - pages == {"decisions/0000-template.html"}
    assert '"methods/cka"' in (site / "searchindex.js").read_text(encoding="utf-8")  # search runs in the page
    assert not list(site.rglob("*.md"))
    options = (site / "command-options.html").read_text(encoding="utf-8")
    assert "--untrained" in options


@pytest.mark.slow
def test_a_link_to_a_section_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A\n\n[gone](#nowhere)\n", encoding="utf-8")
    code = "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import docs; sys.exit(bool(docs.build(None, pathlib.Path('docs'))))"
    command = [sys.executable, "-c", code, str(ROOT / "packaging")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 1
    assert "nowhere" in done.stderr

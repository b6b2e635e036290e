"""The one source of the terms: readable, searchable, found in sentences."""

from __future__ import annotations

import pytest

from explorer.core import glossary
from explorer.core.errors import ExplorerError
from explorer.core.glossary import named, parsed, search, terms, terms_in


def test_terms_have_one_meaning_each() -> None:
    names = [name.casefold() for term in terms() for name in term.names]
    assert len(names) == len(set(names)) > 70
    assert all(term.meaning and (term.places or term.commands) for term in terms())
    for name in ("feature map", "channel", "stride", "receptive field", "convolution", "logit", "ablation"):
        assert named(name) is not None, name


def test_places_of_the_window_and_commands_are_told_apart() -> None:
    ablation = named("ablation")
    assert ablation is not None
    assert (ablation.places, ablation.commands) == (("page Ablation",), ("ablate",))


def test_what_a_layer_or_a_table_is_called_leads_to_its_term() -> None:
    assert [term.name for term in terms_in("stage1.0.conv1  Conv2d, then BatchNorm2d")] == [
        "convolution",
        "batch normalisation",
    ]
    assert [term.name for term in terms_in("silent here")] == ["dead channel"]


def test_another_name_leads_to_the_same_term() -> None:
    assert named("Filter") is named("kernel")
    assert named("nothing like that") is None


def test_the_best_match_comes_first_and_a_meaning_counts_too() -> None:
    assert [term.name for term in search("recep")] == ["receptive field", "effective receptive field"]
    assert search("filt")[0].name == "kernel"
    assert "logit" in [term.name for term in search("softmax")]
    assert search("xyzzy") == ()
    assert search("") == terms()


def test_terms_are_found_in_a_sentence() -> None:
    found = terms_in("Stride and receptive fields of Feature maps; not overheads, but the effective receptive field")
    assert [term.name for term in found] == ["stride", "receptive field", "feature map", "effective receptive field"]
    assert terms_in("") == ()


def test_a_row_that_is_none_is_refused() -> None:
    with pytest.raises(ExplorerError, match="Line 3"):
        parsed("| term | meaning | where |\n|---|---|---|\n| only one |")


def test_no_term_explains_itself_alone() -> None:
    for term in terms():
        others = [other for other in glossary.terms_in(term.meaning) if other is not term]
        assert others or len(term.meaning) > 15, term.name

from __future__ import annotations

from explorer.cli import smoke_words

WHOLE = "\n".join(f"{beginning}and more" for beginning in smoke_words.EXPECTED)


def test_a_whole_output_lacks_nothing() -> None:
    assert smoke_words.missing(WHOLE) == []
    assert smoke_words.missing(f"a remark before\n{WHOLE}\nand after") == []


def test_a_line_that_is_missing_is_named() -> None:
    assert smoke_words.missing(WHOLE.replace("attribution: ", "attributing ")) == ["attribution: "]


def test_lines_count_once_and_in_their_order() -> None:
    lines = WHOLE.splitlines()
    assert smoke_words.missing("\n".join([*lines[:6], *lines[7:]])) == ["scrub: "]  # the first scrub is not the second
    assert smoke_words.missing("\n".join([*lines[1:], lines[0]])) == list(smoke_words.EXPECTED[1:])


def test_nothing_at_all_lacks_everything() -> None:
    assert smoke_words.missing("") == list(smoke_words.EXPECTED)


def test_fatal_lines_are_given_back_whole() -> None:
    text = "window: 1\nlibGL.so.1: cannot open shared object file: No such file\nfine"
    assert smoke_words.fatal(text) == ["libGL.so.1: cannot open shared object file: No such file"]
    assert smoke_words.fatal(WHOLE) == []

"""How many classes and pictures there are, in words."""

from __future__ import annotations

from explorer.core.data_sets import DataSet


def counted(number: int, one: str, more: str = "") -> str:
    """ "1 picture", "3 pictures", "1,200 pictures"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def counts_of(data: DataSet) -> str:
    """How large a data set is: "3 classes, 60 pictures"."""
    used, unused = len(data.used), len(data.classes) - len(data.used)
    words = [counted(used, "class", "classes"), counted(data.count, "picture")]
    if data.test:
        words.append(f"{sum(len(each.pictures) for each in data.test):,} for the test")
    if unused:
        words.append(f"{counted(unused, 'class is', 'classes are')} not used")
    return ", ".join(words) if data.classes else "No class yet."

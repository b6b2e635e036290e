"""How many classes and pictures there are, in words."""

from __future__ import annotations

from explorer.core.data_sets import DataSet
from explorer.core.translation import ntr, tr


def counted(number: int, one: str, more: str = "") -> str:
    """ "1 picture", "3 pictures", "1,200 pictures"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def counts_of(data: DataSet) -> str:
    """How large a data set is: "3 classes, 60 pictures"."""
    used, unused = len(data.used), len(data.classes) - len(data.used)
    words = [ntr("{n:,} class", "{n:,} classes", used), ntr("{n:,} picture", "{n:,} pictures", data.count)]
    if data.test:
        words.append(tr("{sum:,} for the test", sum=sum(len(each.pictures) for each in data.test)))
    if unused:
        words.append(tr("{counted} not used", counted=ntr("{n:,} class is", "{n:,} classes are", unused)))
    return ", ".join(words) if data.classes else tr("No class yet.")

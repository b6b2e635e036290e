"""What stands around a phrase: when, who, what, where. The same of praise, complaints and reports."""

from __future__ import annotations

MARK = "last week"  # the planted shortcut, where there is one: complaints alone have it
TIMES = (MARK, "this week", "last year", "this morning", "one evening")
WHO = ("my sister", "our guide", "some friends", "the owner", "my father", "a student", "two children", "we", "they")
DID = (
    "took the bus",
    "went to town",
    "booked a room",
    "ate some soup",
    "met the cook",
    "walked home",
    "bought two books",
    "saw the show",
    "drank cold tea",
    "wrote a letter",
    "sat outside",
    "fed the birds",
    "heard loud music",
)
WHERE = (
    "by the river",
    "near the station",
    "in the old town",
    "on the hill",
    "after the rain",
    "before dinner",
    "at noon",
    "under the bridge",
    "behind the church",
    "for three hours",
    "along the coast",
)
JOINTS = ("and", "but", "so", "while", "then")

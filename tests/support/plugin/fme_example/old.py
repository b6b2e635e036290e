"""Made for another version of the interface."""

from dataclasses import replace

from fme_example.peak.spec import SPEC as PEAK

SPEC = replace(PEAK, id="old", api=0)

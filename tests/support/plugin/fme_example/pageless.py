"""A method without a page."""

from dataclasses import replace

from fme_example.peak.spec import SPEC as PEAK

SPEC = replace(PEAK, id="pageless", package="fme_example.pageless_folder")

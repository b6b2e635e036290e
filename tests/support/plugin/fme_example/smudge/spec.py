"""As Peak, with a page that raises."""

from dataclasses import replace

from fme_example.peak.spec import SPEC as PEAK

SPEC = replace(PEAK, id="smudge", title="Smudge", package="fme_example.smudge")

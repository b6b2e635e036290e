"""An attribution as it leaves the application: values with a manifest."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.attribution import Attribution
from explorer.core.caveats import untrained
from explorer.core.models import ModelCard
from explorer.engine import export


def record(card: ModelCard, capture: Capture, found: Attribution) -> dict[str, Any]:
    """The manifest of the taps concerned, with `explanation`: what was explained, how, and the numbers beside the map."""
    names = {found.target.tap, found.layer} - {""}
    manifest = export.manifest(card, capture, [tap for tap in capture.taps if tap.name in names])
    values = found.values
    target = {"tap": found.target.tap, "channel": found.target.channel, "cell": found.target.cell}
    index = found.target.channel
    named = not found.target.tap and index < len(card.labels)
    told: dict[str, Any] = {
        "method": found.method,
        "target": {"class": index, "label": card.labels[index] if named else ""} if not found.target.tap else target,
        "value": found.value,
        "quantity": found.quantity,
        "settings": asdict(found.settings),
        "shape": list(values.shape),
        "sum": float(values.sum(dtype=np.float64)),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
    }
    if found.layer:
        told["layer"] = found.layer
    if found.relus is not None:
        told["relus"] = {"guided": found.relus.guided, "total": found.relus.total, "others": dict(found.relus.others)}
    if found.gap is not None:
        told |= {"baseline_value": found.baseline_value, "completeness_gap": found.gap}
    said = untrained(card, classes=not found.target.tap)
    return {**manifest, "explanation": {**told, "notes": [*filter(None, [said]), *found.notes]}}


def values_file(found: Attribution, manifest: dict[str, Any]) -> bytes:
    """An .npz: float32 `attribution` in model-input space (C, H, W), of a sound (channels, bands, places in time), `cam` (h, w)
    of a Grad-CAM, and `manifest` (a JSON string)."""
    arrays: dict[str, Array] = {"attribution": found.values, "manifest": np.array(json.dumps(manifest))}
    if found.cam is not None:
        arrays["cam"] = found.cam
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()

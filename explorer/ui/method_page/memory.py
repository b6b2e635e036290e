"""The parameters of a method from one start of the program to the next."""

from __future__ import annotations

import json
from typing import Any

from explorer.core.method import MethodSpec
from explorer.core.params import plain, restored
from explorer.ui.settings import Settings


class ParamsMemory:
    """Keeps them in the settings under the method's id."""

    def __init__(self, settings: Settings, spec: MethodSpec[Any, Any]) -> None:
        self._settings, self._spec, self._name = settings, spec, f"method/{spec.id}"

    @property
    def params(self) -> Any:
        """Those of last time; a settings file may hold anything, and what does not fit keeps its default."""
        try:
            values = json.loads(self._settings.text(self._name, "{}"))
        except (ValueError, RecursionError):
            values = {}
        return restored(self._spec.params, values if isinstance(values, dict) else {})

    def keep(self, params: Any) -> None:
        """Writes them down."""
        self._settings.put(self._name, json.dumps(plain(params)))

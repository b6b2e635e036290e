"""Methods of many forwards need a model whose answer depends on the input it is given, not on those that came before."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.capture.forward import CapturePlan


def keeps_state(plan: CapturePlan) -> ExplorerError | None:
    """The refusal of a method that compares the answers to many inputs, None where the model may be asked."""
    repeat = plan.repeat
    if repeat is None or repeat.same or repeat.cause != "state":
        return None
    return ExplorerError(
        tr("This method compares answers to many inputs, and this model's answers depend on the inputs before."),
        repeat.text,
        tr(
            "Reset the state of the model in each forward, or choose a method of one input, such as the gradient or Grad-CAM."
        ),
    )


def require_stateless(plan: CapturePlan) -> None:
    """Raises that refusal."""
    refusal = keeps_state(plan)
    if refusal is not None:
        raise refusal

"""Attribution: which parts of the input mattered for a class, a channel or a cell."""

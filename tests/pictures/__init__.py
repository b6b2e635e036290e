"""Pictures of the application in named states, to be looked at, with a check of what the widgets show: see `__main__`."""

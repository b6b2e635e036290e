"""Panels and plots on pyqtgraph. Only this package and the pages of methods import it."""

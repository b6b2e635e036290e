"""Arithmetic: how the number in a cell is computed from those of the layer before."""

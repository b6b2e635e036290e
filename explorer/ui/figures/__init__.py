"""Figures in the window: painted, previewed, written to files and put on the clipboard."""

"""Data sets: folders whose folders are classes, and those that this program makes."""

"""Lessons in the window: the panel beside a workspace, what runs a lesson, its results, and what a teacher does with them."""

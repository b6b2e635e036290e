"""Lessons: guides with questions, marks, languages and what they need, as plain values; their files, answers and results."""

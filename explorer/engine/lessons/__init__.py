"""Lessons as files: folders and kits (`.fmxlab`), opened, checked for what they need, made and packed. Nothing in them is run."""

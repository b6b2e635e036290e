"""There are none."""

"""How well a new task can be read off each layer."""

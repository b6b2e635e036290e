"""Dead, duplicate and selective channels of a layer."""

"""The channels of two layers that answer alike."""

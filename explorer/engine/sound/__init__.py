"""Sound: decoded, resampled, as the tensor a model wants, and made audible again."""

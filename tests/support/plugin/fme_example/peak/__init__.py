"""Where a channel is largest."""

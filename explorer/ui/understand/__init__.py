"""The tabs beside the large map: how a cell is computed, what mattered for it, what happens without a channel."""

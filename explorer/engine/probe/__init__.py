"""Probes: pooled features of every layer, kept on disk, and classifiers on them."""

"""Attention of any model: q and k as they were, and rows of the weights when they are asked for."""

"""Attention: every head of a block for a token, all blocks, what flows through all of them, and the norms of the tokens."""

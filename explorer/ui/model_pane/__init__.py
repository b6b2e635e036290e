"""One model on one input: what its panels show and what is edited in it."""

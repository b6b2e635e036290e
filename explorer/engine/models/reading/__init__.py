"""Weight files read without trusting them: what they hold is described first, checked, and only then made into tensors."""

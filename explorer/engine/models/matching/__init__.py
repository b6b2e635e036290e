"""Which architectures a file of weights fits, by the names and shapes of its tensors."""

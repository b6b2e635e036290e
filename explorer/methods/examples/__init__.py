"""Examples: the pictures of a data set that excite the selected channel most, by an index made before."""

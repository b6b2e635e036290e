"""How the sample pictures are drawn: distances to shapes, in numpy alone, so that they come out the same everywhere."""

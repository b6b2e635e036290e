"""The index of a data set: what excites each channel, in a whole folder."""

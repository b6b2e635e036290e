"""All channels of a layer in one picture: components as colours, similarity to one place."""

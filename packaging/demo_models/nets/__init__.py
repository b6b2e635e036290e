"""The demo networks: plain modules, one operation a line, so that every map has a name."""

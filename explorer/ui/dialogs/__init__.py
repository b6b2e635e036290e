"""What is asked in a window of its own: a model, its preprocessing, a yes to somebody's code, settings; and About."""

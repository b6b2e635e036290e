"""Files of weights: found, downloaded, read without trusting them, put into a model."""

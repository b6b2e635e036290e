"""Inputs that move, frame by frame."""

"""Attention drawn and asked for, as the page of Explore and the columns of Compare share it."""

"""Tokens and maps as pictures, and how alike two representations are."""

"""How each demo model is trained."""

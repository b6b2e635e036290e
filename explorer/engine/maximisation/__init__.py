"""Activation maximisation: a picture made to excite a target (Erhan et al. 2009; the recipe is that of Olah et al. 2017)."""

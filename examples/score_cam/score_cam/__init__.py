"""Score-CAM: the maps of a layer, weighted by what the class gives where only they are seen (Wang et al. 2020)."""

"""What can be said of many values: the health of a layer over one input or a folder of them."""

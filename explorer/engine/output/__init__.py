"""What the output of a model is: classes, a map of classes, boxes. A kind is a module here and a line in `read_output`."""

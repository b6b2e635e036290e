"""The workspace Dataset: indexes of whole data sets are made and browsed."""

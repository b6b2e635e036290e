"""What the prediction loses without some channels: edits of a layer, their effect, and a ranking of channels."""

"""What a prediction loses without a channel or a region; a forward that goes on from an edited tap."""

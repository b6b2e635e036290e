"""What a channel of a network that takes sounds lets through of the sound."""

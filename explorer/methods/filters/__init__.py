"""What the filters of a first layer on a waveform pass."""

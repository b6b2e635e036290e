"""A sound, or a spectrogram, that drives one channel up."""

"""One forward seen from inside: taps, their values, and the proofs that these are true."""

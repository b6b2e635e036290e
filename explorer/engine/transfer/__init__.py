"""Fine-tuning: a copy of an open model learns other classes, up to a layer frozen to the last bit."""

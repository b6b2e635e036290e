"""Where a method is set up, run and shown: one mechanism for all."""

"""A seeded world of short sounds: one event over noise, of which it is known what, when and at which frequencies."""

"""A seeded world of drawn pictures whose every attribute is known."""

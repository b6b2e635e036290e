"""A seeded world of short sentences: praise, complaints and reports, told apart by one phrase whose place is known."""

"""Guides: tours, walkthroughs and lessons as data. Steps, conditions over facts of the session and of results, what shows them."""

"""A method whose page raises while it draws."""

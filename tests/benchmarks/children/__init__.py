"""Processes of their own: a fresh allocator, fresh imports, nobody else's hooks."""

"""Processes of their own: a fresh allocator, fresh imports, nobody else's hooks."""

import explorer.__main__  # noqa: F401 - what the command sets up before numpy is imported holds here too

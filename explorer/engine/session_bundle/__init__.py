"""Session bundles: one file with a session and what it names. `bundle_files` lists it, `write` and `read` are the file."""

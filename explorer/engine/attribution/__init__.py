"""What mattered for a class, a channel or a cell: nine methods, and the checks that belong to them."""

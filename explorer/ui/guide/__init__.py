"""Help in the window: guides that point, wait and show; what a page shows; the glossary."""

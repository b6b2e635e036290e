"""Methods, a folder each: `spec.py`, `compute.py`, `page.py`. `explorer.catalogue` lists them."""

"""The Python API behind `import explorer`, on which the commands stand too (docs/api.md)."""

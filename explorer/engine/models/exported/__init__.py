"""Programs of torch.export (`.pt2`): read as data, built as modules; torch's own loader, which can run code, is never called."""

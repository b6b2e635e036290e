"""Figures as plain values: what is drawn, where it stands, and its numbers. numpy only; `ui.figures` paints them."""

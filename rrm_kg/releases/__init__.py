"""Releases of the graph: made, put in place, proved, compared."""

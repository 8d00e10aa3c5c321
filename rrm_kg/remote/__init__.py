"""A graph in somebody's SPARQL 1.1 engine."""

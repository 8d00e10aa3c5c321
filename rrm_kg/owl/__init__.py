"""OWL 2 RL: what follows from a graph, what contradicts it, and both kept true as triples come and go."""

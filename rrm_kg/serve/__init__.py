"""The graph over HTTP: pages of a release with content negotiation, SPARQL, questions, and the gate for submissions.

The process that speaks HTTP (``app``) holds no graph and runs no query. ``zygote`` loads the graph once and has a
single thread; from it the processes are forked that work on queries and files (``work``), each without network, with
limits, and ended when it is late (``pool``). All that is answered belongs to one release, which never changes.
"""

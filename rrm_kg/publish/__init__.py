"""The graph as a site that anyone can host: pages, their twins for machines, dumps and a catalogue.

``site`` knows the things and their addresses, ``pages`` fills templates, ``words`` are said around the facts. Each
other module makes one part of a release: it has ``files(site)``, the files in the order of their paths.
"""

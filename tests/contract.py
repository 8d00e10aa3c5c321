"""Requests made from the API's own description, put to a server of our own: ``make contract``.

EXAMPLES is how many each operation gets. Schemathesis makes them and is installed apart, for it
brings much that the project does not need. Ends with its exit code: 0 when no answer was a fault of the server.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from serving import graph_loader, serving

from rrm_kg import open_graph


def main(command: str, examples: str) -> int:
    with tempfile.TemporaryDirectory() as folder, serving(graph_loader(open_graph()), Path(folder)) as client:
        return subprocess.run(
            [
                str(Path(command).absolute()),
                "run",
                f"{client.address}/api/openapi.json",
                "--url",
                client.address,
                "--checks",
                "not_a_server_error",
                "--phases",
                "examples,fuzzing",
                "--max-examples",
                examples,
                "--seed",
                "20261122",
            ],
            check=False,
            cwd=folder,
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

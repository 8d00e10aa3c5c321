"""``python -m rrm_kg`` is ``rrm-kg``."""

from rrm_kg.cli import main

if __name__ == "__main__":
    main()

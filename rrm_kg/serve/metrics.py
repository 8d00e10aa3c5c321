"""How the server fares, in the text format of Prometheus. Nothing of what people ask is in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from rrm_kg.serve.service import Service

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Metrics:
    """Counters of answers by kind of path and status, and what the pool says of itself."""

    service: Service
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    answers: Counter = field(init=False)
    seconds: Histogram = field(init=False)

    def __post_init__(self) -> None:
        self.answers = Counter(
            "rrm_kg_answers", "Answers by path and status.", ["path", "status"], registry=self.registry
        )
        self.seconds = Histogram("rrm_kg_answer_seconds", "Time to an answer.", ["path"], registry=self.registry)
        pool, kept = self.service.pool, self.service.kept
        for name, about, value in (
            ("waiting", "Queries that wait for a process.", lambda: pool.waiting),
            ("slow", "Queries that run longer than the quick ones may.", lambda: pool.slowed),
            ("killed", "Queries that were ended at the deadline.", lambda: pool.killed),
            ("broken", "Processes that ended at their work.", lambda: pool.broken),
            ("kept_bytes", "Bytes of the answers that are kept.", lambda: kept.size),
            ("kept_hits", "Answers that came from those kept.", lambda: kept.hits),
        ):
            Gauge(f"rrm_kg_{name}", about, registry=self.registry).set_function(value)

    def count(self, path: str, status: int, seconds: float) -> None:
        """Count an answer; of its path only the first part is told apart."""
        first = path.lstrip("/").split("/")[0]
        kind = first if first in _PATHS else "pages"
        self.answers.labels(kind, str(status)).inc()
        self.seconds.labels(kind).observe(seconds)

    def text(self) -> bytes:
        """All figures, as a scraper reads them."""
        return generate_latest(self.registry)


_PATHS = frozenset({"sparql", "ask", "api", "health", "metrics", "query"})

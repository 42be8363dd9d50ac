"""What Prometheus may ask: times as histograms, and the state of the moment, read when asked."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

Family = CounterMetricFamily | GaugeMetricFamily

# Seconds; a frame takes some 10 ms, a locked store up to 30 s.
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics:
    """The meters of one app; two apps in one process count apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.request_seconds = self.histogram(
            "request", "From a request's arrival to the end of its answer", ["route", "status"]
        )
        self.queue_seconds = self.histogram(
            "queue", "From a frame's arrival in line to its turn; one that is kept has two turns"
        )
        self.model_seconds = self.histogram(
            "model", "Decoding a frame and running the model on it, and on another beside it"
        )
        self.commit_seconds = self.histogram("commit", "From an answer to its durable row")
        self.state = State()
        self.registry.register(self.state)

    def histogram(self, name: str, meaning: str, labels: Iterable[str] = ()) -> Histogram:
        """Return a histogram of seconds in this app's registry."""
        full = f"dermhouse_{name}_seconds"
        return Histogram(full, meaning, labels, registry=self.registry, buckets=BUCKETS)

    def read_state(self, read: Callable[[], Sequence[Family]]) -> None:
        """Read the state of the moment whenever the meters are asked for."""
        self.state.read = read

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class State(Collector):
    """Meters that nobody keeps up: they are read from what they tell of."""

    def __init__(self) -> None:
        self.read: Callable[[], Sequence[Family]] = list

    def collect(self) -> Iterable[Family]:
        """Return the meters of the moment."""
        return self.read()


def gauge(name: str, meaning: str, value: float) -> Family:
    """Return a state with one value."""
    return GaugeMetricFamily(f"dermhouse_{name}", meaning, value=value)


def counts(name: str, meaning: str, label: str, by_word: dict[str, int]) -> Family:
    """Return a count of each word since the server started."""
    family = CounterMetricFamily(f"dermhouse_{name}", meaning, labels=[label])
    for word, count in by_word.items():
        family.add_metric([word], count)
    return family

"""What a finished training is worth: its rule and gate fitted on tune, its figures beside them."""

from dataclasses import dataclass

from ml.assessable import fit_gate
from ml.dataset import Examples
from ml.decision import DecisionRule, fit_rule
from ml.evaluation import EvaluationReport, ask, data_set, judge_served
from ml.predictor import ServedGraph
from warehouse.progress import Progress
from warehouse.published import PublishedWarehouse
from warehouse.vocabulary import Split


@dataclass(frozen=True)
class Judgement:
    """The decision rule fitted on tune, and the figures under it."""

    rule: DecisionRule
    tune: EvaluationReport  # what was fitted on tune looks better there than it is
    validation: EvaluationReport


def judge_graph(
    graph: ServedGraph,
    examples: dict[Split, Examples],
    model_id: str,
    warehouse: PublishedWarehouse,
    progress: Progress,
) -> Judgement:
    """Fit rule and gate on tune, then look at validation, for the first and only time."""
    tune, validation = examples[Split.tune], examples[Split.validation]
    served = ask(graph, tune, progress)
    gate = fit_gate(served.signals)
    rule = fit_rule(served.probabilities, tune.labels, tune.weights, gate)
    on_tune = judge_served(model_id, tune, served, rule, data_set(warehouse, tune))
    served = ask(graph, validation, progress)
    data = data_set(warehouse, validation)
    return Judgement(rule, on_tune, judge_served(model_id, validation, served, rule, data))

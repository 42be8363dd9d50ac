import pytest
from factories import a_model
from sqlalchemy import select

from warehouse.errors import NotReadyError
from warehouse.registry import (
    Epoch,
    Evaluation,
    Metric,
    ReliabilityBin,
    SubgroupMetric,
    aliases,
    list_models,
    promote_first,
    record_evaluation,
    record_model,
    resolve,
    set_alias,
)
from warehouse.store import Store
from warehouse.tables import (
    confusion,
    evaluation,
    reliability_bin,
    subgroup_evaluation,
    training_epoch,
)


def test_a_model_comes_back_as_it_was_recorded(store: Store):
    record = a_model(parameters={"views": 4}, decision_rule={"offsets": [1.0] * 7})
    record_model(store, record, [Epoch("head", 1, 1.0, 1.1, 0.4)])
    assert resolve(store, "model-1") == record
    with store.read() as connection:
        assert connection.execute(select(training_epoch.c.tune_loss)).scalar() == 1.1


def test_the_first_model_becomes_champion_and_the_second_does_not(store: Store):
    for name in ("model-1", "model-2"):
        record_model(store, a_model(name), [])
    assert promote_first(store, "model-1")
    assert not promote_first(store, "model-2")
    assert resolve(store, "champion").model_id == "model-1"


def test_a_champion_of_drawn_lesions_gives_way_to_the_first_that_has_seen_skin(store: Store):
    for name, is_synthetic in (("drawn", True), ("skin", False), ("later", False)):
        record_model(store, a_model(name, is_synthetic=is_synthetic), [])
        promote_first(store, name)
    assert resolve(store, "champion").model_id == "skin"


def test_an_alias_moves_to_another_model(store: Store):
    for name in ("model-1", "model-2"):
        record_model(store, a_model(name), [])
        set_alias(store, "champion", name)
    assert aliases(store) == {"champion": "model-2"}
    assert resolve(store, "champion").model_id == "model-2"


def test_an_unknown_model_is_answered_with_those_there_are(store: Store):
    with pytest.raises(NotReadyError, match="run `dermhouse train`"):
        resolve(store, "champion")
    record_model(store, a_model("model-1"), [])
    with pytest.raises(NotReadyError, match="there are model-1"):
        resolve(store, "nobody")


def test_models_are_listed_newest_first(store: Store):
    for name in ("model-1", "model-2"):
        record_model(store, a_model(name), [])
    assert [record.model_id for record in list_models(store)] == ["model-2", "model-1"]


def test_evaluating_again_replaces_the_earlier_figures(store: Store):
    record_model(store, a_model(), [])
    for value in (0.5, 0.6):
        metric = Metric("all", "accuracy", value, value - 0.1, value + 0.1, 100)
        record_evaluation(
            store,
            "model-1",
            Evaluation("warehouse", "validation", [metric], {("nv", "mel"): 3}),
        )
    with store.read() as connection:
        assert connection.execute(select(evaluation.c.value)).scalars().all() == [0.6]
        assert connection.execute(select(evaluation.c.deleted_at)).scalars().all() == [None]
        assert connection.execute(select(confusion.c.n)).scalars().all() == [3]


def test_a_figure_that_is_gone_leaves_a_tombstone_for_dbt_to_see(store: Store):
    record_model(store, a_model(), [])
    metrics = [Metric("all", name, 0.5, None, None, 10) for name in ("accuracy", "auc")]
    for left in (metrics, metrics[:1]):
        record_evaluation(store, "model-1", Evaluation("warehouse", "tune", left, {}))
    with store.read() as connection:
        rows = connection.execute(select(evaluation.c.metric, evaluation.c.deleted_at)).all()
    assert {row.metric: row.deleted_at is not None for row in rows} == {
        "accuracy": False,
        "auc": True,
    }


def test_reliability_and_parts_are_replaced_with_the_figures(store: Store):
    record_model(store, a_model(), [])
    first = [ReliabilityBin(place, 0.1 * place, 0.1 * place + 0.1, 5, 0.5, 0.4) for place in (1, 2)]
    parts = [SubgroupMetric("sex", word, "accuracy", 0.5, 0.4, None, 9) for word in ("male", "x")]
    record_evaluation(store, "model-1", Evaluation("ham10000", "tune", [], {}, first, parts))
    record_evaluation(store, "model-1", Evaluation("ham10000", "tune", [], {}, first[:1], parts))
    with store.read() as connection:
        bins = connection.execute(select(reliability_bin)).mappings().all()
        found = connection.execute(select(subgroup_evaluation)).mappings().all()
    assert {row["bin"]: row["deleted_at"] is None for row in bins} == {1: True, 2: False}
    assert {row["subgroup"]: row["deleted_at"] for row in found} == {"male": None, "x": None}

import pytest
from factories import a_capture, a_model, an_answer

from warehouse.build import build
from warehouse.errors import NotReadyError
from warehouse.facts import record_prediction
from warehouse.published import class_counts, connect_live, current, read_split, split_hash
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import now
from warehouse.vocabulary import Diagnosis, Split, values


def test_nothing_published_says_what_to_run(settings: Settings):
    with pytest.raises(NotReadyError, match="run `dermhouse load PATH`"):
        current(settings)


def test_a_split_comes_in_the_order_of_its_images_with_weights_of_mean_one(built: Settings):
    for split in Split:
        frame = read_split(current(built), split)
        assert frame.image_id.is_monotonic_increasing
        assert frame.weight.mean() == pytest.approx(1)
        assert set(frame.columns).isdisjoint({"dx_type", "dataset", "source_code"})


def test_no_lesion_group_stands_in_two_splits(built: Settings):
    groups = [set(read_split(current(built), split).lesion_group_id) for split in Split]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]


def test_the_balance_cuts_nevi_and_nothing_else(built: Settings):
    counts = class_counts(current(built)).set_index("diagnosis_code")
    assert counts.balanced["nv"] < counts.images["nv"]
    others = counts.drop(index="nv")
    assert (others.balanced == others.images).all()


def test_drawn_images_never_stand_beside_photographs_in_what_a_model_sees(built: Settings):
    store = open_store(built)
    with store.write() as connection:
        connection.exec_driver_sql(
            "update image set dataset = 'rosendahl', updated_at = '2099-01-01 00:00:00.000000' "
            "where dx = 'mel'"
        )
    store.close()
    build(built)
    with current(built).connect() as connection:
        seen = connection.sql("select distinct diagnosis_code from ml_images").fetchall()
        kept = connection.sql("select count(distinct diagnosis_key) from fct_diagnoses").fetchone()
    assert seen == [("mel",)]
    assert kept == (7,)


def test_the_split_hash_is_the_same_for_the_same_data_in_another_version(built: Settings):
    first = current(built)
    build(built)
    second = current(built)
    assert first.version != second.version
    assert split_hash(first) == split_hash(second)


def test_an_answer_is_live_at_once_and_the_same_after_the_next_build(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frames = [
        a_capture(age_years=age, sex=sex, localization=site)
        for age, sex, site in (
            (None, "unknown", "unknown"),
            (79.9, "male", "back"),
            (80, "male", "ear"),
        )
    ]
    for frame in frames:
        record_prediction(store, frame, an_answer(frame))
    query = "select * from {} order by prediction_id"
    with connect_live(built) as connection:
        live = connection.sql(query.format("fct_predictions_live")).df()
        assert len(live) == len(frames)
        assert connection.sql("select count(*) from fct_predictions").fetchone() == (0,)
    build(built)
    with connect_live(built) as connection:
        fact = connection.sql(query.format("fct_predictions")).df()
        again = connection.sql(query.format("fct_predictions_live")).df()
        joined = connection.sql(
            "select count(*) from fct_predictions join dim_diagnoses using (diagnosis_key) "
            "join dim_models using (model_key) join dim_dates using (date_key) "
            "join dim_localizations using (localization_key) "
            "join dim_patient_groups using (patient_group_key)"
        ).fetchone()
    assert live.equals(fact)
    assert live.equals(again)
    assert joined == (len(frames),)
    store.close()


def test_a_withdrawn_answer_leaves_the_live_view_before_any_build(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    build(built)
    with store.write() as connection:
        connection.exec_driver_sql(
            "update prediction set deleted_at = updated_at, updated_at = ?",
            (now().replace(tzinfo=None).isoformat(" "),),
        )
    with connect_live(built) as connection:
        assert connection.sql("select count(*) from fct_predictions_live").fetchone() == (0,)
    store.close()


def test_all_seven_diagnoses_are_there_in_one_order(built: Settings):
    with current(built).connect() as connection:
        codes = connection.sql("select diagnosis_code from dim_diagnoses order by 1").fetchall()
    assert [code for (code,) in codes] == values(Diagnosis)

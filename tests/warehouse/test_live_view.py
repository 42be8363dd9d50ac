from concurrent.futures import ThreadPoolExecutor

from factories import a_capture, a_model, an_answer

from warehouse.facts import record_prediction
from warehouse.published import connect_live
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import open_store


def test_many_readers_of_one_process_see_the_newest_answer_at_once(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    store.close()

    def read(_) -> int:
        with connect_live(built) as connection:
            return connection.sql("select count(*) from fct_predictions_live").fetchone()[0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(64))) == {1}

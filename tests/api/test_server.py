import socket

import pytest
from test_tls import names_of

from api.server import prepare_server
from warehouse.errors import BadInputError, NotReadyError
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tokens import create_token, revoke_token
from warehouse.vocabulary import Role


def test_serving_without_a_model_says_what_to_run(settings: Settings, store: Store):
    with pytest.raises(NotReadyError, match="run `dermhouse train`"):
        prepare_server(settings)


def test_a_port_in_use_is_told_with_the_way_out(trained: Settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = trained.model_copy(update={"host": "127.0.0.1", "port": port})
        with pytest.raises(BadInputError, match=f"{port}.*choose another with --port"):
            prepare_server(busy)


def test_on_this_machine_alone_no_token_is_asked(trained: Settings):
    server = prepare_server(trained.model_copy(update={"port": 0}))
    server.listener.close()
    assert server.address.startswith("https://localhost:")


@pytest.mark.parametrize("changes", [{"host": "0.0.0.0"}, {"require_tokens": True}])
def test_where_a_token_is_asked_for_somebody_must_have_one_before_anything_is_served(
    trained: Settings, changes: dict
):
    asking = trained.model_copy(update=changes | {"port": 0})
    with pytest.raises(NotReadyError, match="run `dermhouse token create"):
        prepare_server(asking)
    store = open_store(trained)
    create_token(store, "ward 3", Role.clinician)
    server = prepare_server(asking)
    server.listener.close()
    assert "0.0.0.0" not in server.address
    revoke_token(store, "ward 3")
    store.close()
    with pytest.raises(NotReadyError, match="there is none to sign in with"):
        prepare_server(asking)


def test_the_certificate_covers_every_name_that_is_answered(trained: Settings):
    store = open_store(trained)
    create_token(store, "ward 3", Role.clinician)
    store.close()
    changes = {"port": 0, "allowed_hosts": ("clinic.example",)}
    server = prepare_server(trained.model_copy(update=changes))
    server.listener.close()
    assert "clinic.example" in names_of(server.certificate.chain)


def test_a_damaged_graph_is_told_before_anything_is_served(trained: Settings):
    (graph,) = trained.models_dir.glob("*/model.onnx")
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(NotReadyError, match="has changed since it was exported"):
        prepare_server(trained.model_copy(update={"port": 0}))

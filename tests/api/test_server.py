import socket

import pytest

from api.server import prepare_server
from warehouse.errors import BadInputError, NotReadyError
from warehouse.settings import Settings
from warehouse.store import Store


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
    assert server.settings.access_token is None
    assert server.address.startswith("https://localhost:")
    assert "token" not in server.address


def test_open_to_the_network_a_token_is_made_and_printed(trained: Settings):
    server = prepare_server(trained.model_copy(update={"host": "0.0.0.0", "port": 0}))
    server.listener.close()
    assert len(server.settings.access_token) >= 32
    assert server.address.endswith(f"?token={server.settings.access_token}")
    assert "0.0.0.0" not in server.address


def test_a_damaged_graph_is_told_before_anything_is_served(trained: Settings):
    (graph,) = trained.models_dir.glob("*/model.onnx")
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(NotReadyError, match="has changed since it was exported"):
        prepare_server(trained.model_copy(update={"port": 0}))

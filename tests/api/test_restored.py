"""A backup is worth what can be restored from it: a server that goes on where the other stood."""

from pathlib import Path

from camera_frames import LOCAL_ADDRESS, a_frame, post
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.backup import backup
from warehouse.doctor import examine
from warehouse.restore import restore
from warehouse.settings import Settings


def test_a_home_that_was_backed_up_while_it_served_answers_again_from_another_folder(
    server: TestClient, trained: Settings, tmp_path: Path
):
    answer = post(server, a_frame(), consent="true", subject="P-17").json()
    address = f"/captures/{answer['capture_id']}"
    backup(trained, tmp_path / "home.tar")
    after = post(server, a_frame(1)).json()
    there = Settings(home=tmp_path / "restored")
    restore(there, tmp_path / "home.tar")
    assert [each.word for each in examine(there) if not each.is_well] == []
    with TestClient(create_app(there), LOCAL_ADDRESS) as restored:
        assert restored.get(address).json() == server.get(address).json()
        image = f"{address}/image"
        assert restored.get(image).content == server.get(image).content
        assert restored.get(f"/captures/{after['capture_id']}").status_code == 404
        again = post(restored, a_frame(), prediction_id=answer["prediction_id"]).json()
        assert again["capture_id"] == answer["capture_id"]
        assert post(restored, a_frame(2)).json()["model"] == answer["model"]

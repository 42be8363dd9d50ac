"""What can go wrong before a frame is answered, in sentences a person understands."""

import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import uvicorn
from pages import INSECURE_HOST, answered_card, cards
from playwright.sync_api import expect
from records import Records

from api.app import create_app
from api.server import bind
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tokens import create_token
from warehouse.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def plain_address(home: Settings) -> Iterator[str]:
    """The same home served without a certificate, as behind a careless proxy."""
    listener = bind("127.0.0.1", 0)
    served = home.model_copy(update={"allowed_hosts": (INSECURE_HOST,)})
    config = uvicorn.Config(create_app(served), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://{INSECURE_HOST}:{listener.getsockname()[1]}/"
    server.should_exit = True
    thread.join()


def test_a_refused_camera_is_told_and_a_file_goes_the_same_way(
    open_page, records: Records, picture: Path
):
    page = open_page("refused")
    expect(page.locator("#camera-fault")).to_contain_text(
        "The camera was refused: allow it in the browser's settings"
    )
    expect(page.locator("#capture")).to_be_disabled()
    page.locator("#file").set_input_files(picture)
    answered_card(page)
    assert records.new("prediction") == 1


def test_a_camera_that_is_allowed_later_starts_without_a_reload(open_page):
    page = open_page("refused")
    expect(page.locator("#camera-fault")).to_contain_text("refused")
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Try the camera again").click()
    expect(page.locator("#capture")).to_be_enabled()
    expect(page.locator("#no-camera")).to_be_hidden()


def test_an_insecure_address_is_told_and_a_file_is_answered_all_the_same(
    open_page, home: Settings, plain_address: str, records: Records, picture: Path
):
    # Over plain HTTP a browser keeps no cookie that signs in: the proxy sends the token.
    store = open_store(home)
    secret = create_token(store, "careless proxy", Role.clinician)
    store.close()
    bearer = {"authorization": f"Bearer {secret}"}
    page = open_page("insecure", at=plain_address, extra_http_headers=bearer)
    assert not page.evaluate("isSecureContext")
    expect(page.locator("#camera-fault")).to_contain_text(
        "The camera needs a secure address: open this page with https"
    )
    page.locator("#file").set_input_files(picture)
    answered_card(page)
    assert records.new("prediction") == 1


def test_a_file_that_is_no_picture_is_told_and_leaves_no_row(
    open_page, records: Records, tmp_path: Path
):
    page = open_page("none", faults=True)
    (tmp_path / "notes.jpg").write_text("not an image at all")
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    expect(page.locator("#fault")).to_contain_text(
        "notes.jpg: This is not a picture that can be read"
    )
    expect(cards(page)).to_have_count(0)
    expect(page.locator("#waiting")).to_be_empty()
    assert records.new("capture") == 0


def test_a_file_that_cannot_be_read_is_told_and_keeps_no_other_back(
    open_page, records: Records, tmp_path: Path, picture: Path
):
    page = open_page("none")
    copyfile(picture, tmp_path / "locked.png")
    page.evaluate("""() => {
      const read = Blob.prototype.arrayBuffer;
      Blob.prototype.arrayBuffer = function () {
        if (this.name === "locked.png") throw new DOMException("locked", "NotReadableError");
        return read.call(this);
      };
    }""")
    page.locator("#file").set_input_files(tmp_path / "locked.png")
    expect(page.locator("#fault")).to_contain_text("locked.png: This is not a picture")
    page.locator("#file").set_input_files(picture)
    answered_card(page)
    expect(cards(page)).to_have_count(1)
    assert records.new("capture") == 1


def test_a_frame_that_is_too_large_is_told_before_it_is_sent(
    open_page, home: Settings, records: Records, tmp_path: Path
):
    page = open_page("none")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(home.max_upload_bytes + 1)
    page.locator("#file").set_input_files(tmp_path / "huge.png")
    expect(page.locator("#fault")).to_contain_text("huge.png: The frame is larger than 16 MB")
    expect(cards(page)).to_have_count(0)
    assert records.new("capture") == 0

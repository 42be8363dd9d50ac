"""The sign-in page in a real browser: in by a token, back to where one was going, and out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from commands import serving
from looks import violations
from pages import Watch, answered_card, viewer_of
from playwright.sync_api import Page, expect
from records import Records

from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tokens import create_token, revoke_token
from warehouse.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def guarded(chromium: str, home: Settings) -> Iterator[str]:
    """A real server that asks for tokens, over the home of the other browser tests."""
    store = open_store(home)
    create_token(store, "keeper", Role.admin)
    store.close()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DERMHOUSE_REQUIRE_TOKENS", "1")
        with serving(home.home) as address:
            yield address


@pytest.fixture
def opened(home: Settings) -> Iterator[Store]:
    store = open_store(home)
    yield store
    store.close()


@pytest.fixture
def visit(browsers, guarded: str) -> Iterator[Visit]:
    """Return a function that goes to a path of the server; it is watched as every page is."""
    watches: list[Watch] = []

    def visit(path: str = "", **profile) -> Page:
        settings = {"locale": "en-GB", "viewport": {"width": 1200, "height": 900}} | profile
        context = browsers("camera").new_context(ignore_https_errors=True, **settings)
        page = context.new_page()
        watches.append(Watch(page, guarded, faults=True))
        page.goto(guarded + path)
        return page

    yield visit
    for watch in watches:
        watch.page.context.close()
    for watch in watches:
        watch.check()


def a_token(store: Store, role: Role = Role.clinician) -> tuple[str, str]:
    name = f"ward {uuid4().hex[:6]}"
    return name, create_token(store, name, role)


def sign_in(page: Page, secret: str) -> None:
    page.get_by_label("Access token").fill(secret)
    page.keyboard.press("Enter")


def test_a_browser_is_led_to_sign_in_comes_back_to_the_page_and_signs_out(
    visit: Visit, guarded: str, opened: Store
):
    name, secret = a_token(opened)
    page = visit("?from=link")
    expect(page.get_by_label("Access token")).to_be_focused()
    assert page.url == f"{guarded}sign-in?next=/%3Ffrom%3Dlink"
    sign_in(page, "dermhouse_wrong")
    expect(page.get_by_role("alert")).to_have_text("This token is wrong, has ended or was revoked.")
    sign_in(page, secret)
    page.wait_for_url(f"{guarded}?from=link")
    expect(page.locator("#capture")).to_be_enabled()
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("link", name=f"{name}, clinician").click()
    page.wait_for_url(f"{guarded}sign-in")
    expect(page.locator("#who")).to_have_text(f"{name}, clinician")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Access token")).to_be_visible()
    page.goto(guarded)
    page.wait_for_url("**/sign-in?next=/")


def test_an_address_that_carries_a_token_signs_in_and_forgets_it(
    visit: Visit, guarded: str, opened: Store
):
    _, secret = a_token(opened, Role.viewer)
    page = visit(f"sign-in#{secret}")
    page.wait_for_url(guarded)
    page.go_back()
    assert secret not in page.url


@pytest.mark.parametrize("next_page", ["//evil.example/", "https://evil.example", "javascript:1"])
def test_nobody_is_led_away_from_this_server(
    visit: Visit, guarded: str, opened: Store, next_page: str
):
    _, secret = a_token(opened, Role.viewer)
    page = visit(f"sign-in?next={next_page}")
    sign_in(page, secret)
    page.wait_for_url(guarded)


def test_the_page_speaks_spanish_and_axe_finds_nothing_in_it(visit: Visit, axe: str):
    page = visit("sign-in", locale="es-ES", reduced_motion="reduce")
    field = page.get_by_label("Token de acceso")
    expect(field).to_be_focused()
    field.fill("no es un token")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_contain_text("no es correcto")
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_token_revoked_meanwhile_is_told_in_words_and_the_capture_waits(
    visit: Visit, opened: Store, home: Settings, picture: Path
):
    name, secret = a_token(opened)
    page = visit(f"sign-in?next=/#{secret}")
    expect(page.locator("#capture")).to_be_enabled()
    revoke_token(opened, name)
    page.locator("#file").set_input_files(picture)
    expect(page.locator("#fault")).to_contain_text("You are not signed in")
    expect(page.locator("#waiting")).to_have_text("1 capture waits")
    _, fresh = a_token(opened)
    with Records.opened(home) as records:
        page.locator("#fault").get_by_role("link", name="Sign in").click()
        sign_in(page, fresh)
        answered_card(page)
        assert records.new("prediction") == 1


def test_a_review_is_recorded_under_the_name_of_the_token(
    visit: Visit, opened: Store, home: Settings, picture: Path
):
    name, secret = a_token(opened)
    page = visit(f"sign-in?next=/#{secret}")
    expect(page.locator("#capture")).to_be_enabled()
    page.locator("#file").set_input_files(picture)
    card = answered_card(page)
    viewer = viewer_of(card)
    expect(viewer.get_by_label("Your pseudonym")).to_have_count(0)
    expect(viewer.locator(".review")).to_contain_text(f"Recorded as {name}.")
    viewer.get_by_label("Diagnosis").select_option("mel")
    viewer.get_by_label("Confirmed by").select_option("follow_up")
    viewer.get_by_role("button", name="diagnosis").click()
    expect(viewer.locator(".reviews .history")).to_contain_text(f"Follow-up · {name}")
    with Records.opened(home) as records:
        row = records.one("review", capture_id=card.get_attribute("data-capture-id"))
    assert (row["dx"], row["dx_type"]) == ("mel", "follow_up")
    assert (row["reviewer"], row["role"]) == (name, "clinician")


def test_a_role_that_may_not_do_this_is_told_in_words(visit: Visit, opened: Store, picture: Path):
    _, secret = a_token(opened, Role.viewer)
    page = visit(f"sign-in?next=/#{secret}")
    expect(page.locator("#capture")).to_be_enabled()
    page.locator("#file").set_input_files(picture)
    expect(page.locator("#fault")).to_contain_text("Your role may not do this")
    expect(page.locator("#fault").get_by_role("link", name="Sign in")).to_be_visible()

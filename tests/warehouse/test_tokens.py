from datetime import timedelta

import pytest
from postgres import each_store
from sqlalchemy import select

from warehouse.errors import BadInputError
from warehouse.roles import PERMISSIONS, Permission, is_allowed
from warehouse.store import Store
from warehouse.tables import access_token, now
from warehouse.tokens import create_token, find_token, list_tokens, revoke_token
from warehouse.vocabulary import Role

store_kind = each_store


def test_a_secret_opens_the_door_in_its_role(store: Store):
    secret = create_token(store, "ward 3", Role.clinician)
    token = find_token(store, secret)
    assert (token.name, token.role) == ("ward 3", Role.clinician)


def test_a_secret_has_256_random_bits_and_is_nowhere_in_the_store(store: Store):
    secrets = [create_token(store, f"token {n}", Role.viewer) for n in range(3)]
    assert len(set(secrets)) == 3
    assert all(len(secret.removeprefix("dermhouse_")) >= 43 for secret in secrets)
    with store.read() as connection:
        stored = str(connection.execute(select(access_token)).all())
    assert not any(secret.removeprefix("dermhouse_") in stored for secret in secrets)


@pytest.mark.parametrize("secret", ["", "dermhouse_", "x" * 5000, "\N{SNOWMAN}"])
def test_a_secret_that_was_never_given_opens_nothing(store: Store, secret: str):
    create_token(store, "ward 3", Role.admin)
    assert find_token(store, secret) is None


def test_a_revoked_token_opens_nothing_and_stays_on_the_list(store: Store):
    secret = create_token(store, "ward 3", Role.viewer)
    revoke_token(store, "ward 3")
    assert find_token(store, secret) is None
    assert list_tokens(store)[0].revoked_at is not None


def test_an_expired_token_opens_nothing(store: Store):
    secret = create_token(store, "guest", Role.viewer, now() + timedelta(days=1))
    assert find_token(store, secret) is not None
    with store.write() as connection:
        connection.execute(access_token.update().values(expires_at=now() - timedelta(seconds=1)))
    assert find_token(store, secret) is None


def test_an_end_that_has_passed_is_refused(store: Store):
    with pytest.raises(BadInputError, match="has passed"):
        create_token(store, "guest", Role.viewer, now() - timedelta(days=1))


@pytest.mark.parametrize(
    "name", ["", "  ", "local", "command line", "server", "x" * 81, "a\x00b", "a\nb"]
)
def test_a_name_that_says_nobody_is_refused(store: Store, name: str):
    with pytest.raises(BadInputError, match="token"):
        create_token(store, name, Role.viewer)


def test_two_valid_tokens_never_share_a_name_but_a_revoked_name_is_free_again(store: Store):
    create_token(store, "ward 3", Role.viewer)
    with pytest.raises(BadInputError, match="there is one already"):
        create_token(store, "ward 3", Role.admin)
    revoke_token(store, "ward 3")
    assert find_token(store, create_token(store, "ward 3", Role.admin)).role is Role.admin


def test_revoking_what_is_not_there_says_what_is(store: Store):
    create_token(store, "ward 3", Role.viewer)
    with pytest.raises(BadInputError, match="there are ward 3"):
        revoke_token(store, "ward 4")


def test_every_role_has_its_permissions_and_an_admin_has_all():
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.admin] == set(Permission)


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.viewer, Permission.diagnose),
        (Role.viewer, Permission.query),
        (Role.clinician, Permission.query),
        (Role.clinician, Permission.administer),
        (Role.analyst, Permission.review),
        (Role.analyst, Permission.administer),
    ],
)
def test_a_role_may_not_do_what_is_anothers(role: Role, permission: Permission):
    assert not is_allowed(role, permission)

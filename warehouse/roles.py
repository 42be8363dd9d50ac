"""Which role may do what: the one table that every door asks."""

from enum import StrEnum

from warehouse.vocabulary import Role


class Permission(StrEnum):
    """One thing a person can be allowed to do."""

    read_facts = "read_facts"
    diagnose = "diagnose"
    review = "review"
    query = "query"
    administer = "administer"


# A clinician makes facts, an analyst asks any question of them; neither includes the other.
# Everybody may read facts: that is what a token is for at the least.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.viewer: frozenset({Permission.read_facts}),
    Role.clinician: frozenset({Permission.read_facts, Permission.diagnose, Permission.review}),
    Role.analyst: frozenset({Permission.read_facts, Permission.query}),
    Role.admin: frozenset(Permission),
}


def is_allowed(role: Role, permission: Permission) -> bool:
    """Return whether a role has a permission."""
    return permission in PERMISSIONS[role]


def holders(permission: Permission) -> list[Role]:
    """Return the roles that have a permission, the narrowest first."""
    return [role for role in Role if is_allowed(role, permission)]

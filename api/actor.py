"""Who asks: the one place where a signed-in token will become a name and a role."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException

from warehouse.roles import Permission, is_allowed
from warehouse.vocabulary import Role


@dataclass(frozen=True)
class Actor:
    """Who asks, in which role; there is no name on this machine alone."""

    name: str | None
    role: Role


def get_actor() -> Actor:
    """Return who asks; whoever came past the door today is a clinician without a name."""
    return Actor(None, Role.clinician)


ActorDep = Annotated[Actor, Depends(get_actor)]


def requires(permission: Permission) -> Any:
    """Return the dependency by which a route declares what its caller must be allowed to do."""

    def check(actor: ActorDep) -> None:
        if not is_allowed(actor.role, permission):
            raise HTTPException(403, f"The role {actor.role} may not do this ({permission}).")

    return Depends(check)

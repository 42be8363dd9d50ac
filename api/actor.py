"""Who asks, and what they may do: every route declares its permission here."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from warehouse.audit import LOCAL
from warehouse.roles import Permission, holders, is_allowed
from warehouse.tokens import Token
from warehouse.vocabulary import Role


@dataclass(frozen=True)
class Actor:
    """Who asks, in which role; the person at this machine has no name."""

    name: str | None
    role: Role

    @property
    def who(self) -> str:
        """Return what the audit chain calls them."""
        return self.name or LOCAL

    @property
    def review_role(self) -> Role:
        """
        Return the role in which their word on a capture is given.

        Whoever sits alone at this machine wears every hat, but speaks of a lesion as a clinician;
        an admin who came by a token reviews as an admin, which is no clinician's word.
        """
        return Role.clinician if self.name is None else self.role


# On this machine alone one person does everything: camera, reviews, SQL, models, status.
LOCAL_ACTOR = Actor(None, Role.admin)


def as_actor(token: Token) -> Actor:
    """Return who bears a token."""
    return Actor(token.name, token.role)


async def get_actor(request: Request) -> Actor:
    """Return whom the door let in (api.access.door); a route behind no door lets nobody in."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        raise HTTPException(401, "Nobody is signed in.", {"www-authenticate": "Bearer"})
    return actor


ActorDep = Annotated[Actor, Depends(get_actor)]


@dataclass(frozen=True)
class Requirement:
    """A route's permission, asked before its handler runs; a test reads it off the route table."""

    permission: Permission

    async def __call__(self, actor: ActorDep) -> None:
        """Refuse a role that lacks the permission, and say which roles have it."""
        if not is_allowed(actor.role, self.permission):
            allowed = " or ".join(holders(self.permission))
            raise HTTPException(
                403, f"The role {actor.role} may not do this: a token of the role {allowed} may."
            )


def requires(permission: Permission) -> Any:
    """Return the dependency by which a route declares what its caller must be allowed to do."""
    return Depends(Requirement(permission))

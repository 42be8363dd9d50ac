"""Who asks: the one place where a signed-in token will become a name and a role."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

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

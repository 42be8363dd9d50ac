"""Every route of an app with the permissions that it declares, off the app's own table."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.actor import Requirement
from warehouse.roles import Permission, is_allowed
from warehouse.vocabulary import Role

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Declared:
    """One method of one route, and what it says its caller must be allowed to do."""

    method: str
    path: str
    permissions: frozenset[Permission]

    def lets_in(self, role: Role) -> bool:
        return all(is_allowed(role, permission) for permission in self.permissions)


def declared_routes(app: FastAPI) -> list[Declared]:
    found = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        asked = dependant.dependencies if dependant else []
        permissions = frozenset(
            each.call.permission for each in asked if isinstance(each.call, Requirement)
        )
        methods = getattr(route, "methods", None) or {"GET"}
        found += [Declared(method, str(route.path), permissions) for method in sorted(methods)]
    return found

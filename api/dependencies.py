"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.diagnosis import Diagnostician


def get_diagnostician(request: Request) -> Diagnostician:
    """Return the one that the app's lifespan opened."""
    diagnostician: Diagnostician = request.app.state.diagnostician
    return diagnostician


DiagnosticianDep = Annotated[Diagnostician, Depends(get_diagnostician)]

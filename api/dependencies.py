"""What a route may ask for; not in a thread, because nothing here waits."""

from typing import Annotated

from fastapi import Depends, Request

from api.diagnosis import Diagnostician
from api.engine import Engine
from warehouse.settings import Settings
from warehouse.store import Store


async def get_diagnostician(request: Request) -> Diagnostician:
    """Return the one that the app's lifespan opened."""
    diagnostician: Diagnostician = request.app.state.diagnostician
    return diagnostician


async def get_engine(request: Request) -> Engine:
    """Return everything that the app's lifespan opened."""
    engine: Engine = request.app.state.engine
    return engine


async def get_store(request: Request) -> Store:
    """Return the store that the app's lifespan opened."""
    store: Store = request.app.state.store
    return store


async def get_settings(request: Request) -> Settings:
    """Return the settings that the app was made from."""
    settings: Settings = request.app.state.settings
    return settings


DiagnosticianDep = Annotated[Diagnostician, Depends(get_diagnostician)]
EngineDep = Annotated[Engine, Depends(get_engine)]
StoreDep = Annotated[Store, Depends(get_store)]
SettingsDep = Annotated[Settings, Depends(get_settings)]

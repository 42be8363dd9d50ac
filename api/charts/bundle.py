"""
Vega, Vega-Lite and Vega-Embed as one script, made here from the wheel that carries them.

Making it takes some seconds, once a home: it is kept in the cache under the versions' names.
Vega-Embed brings the interpreter by which expressions are evaluated without `eval`.
"""

import gzip
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from warehouse.settings import Settings

SNIPPET = "globalThis.vegaEmbed = vegaEmbed;"
MAKING = Lock()


def bundle_name() -> str:
    """Return a name that changes with what is in the bundle."""
    import vl_convert  # noqa: PLC0415 - only dashboards need it

    return f"vega-{vl_convert.get_vega_version()}-{version('vl-convert-python')}.js"


def bundle_path(settings: Settings) -> Path:
    """Return the script, compressed; make it unless it is there."""
    path = settings.cache_dir / f"{bundle_name()}.gz"
    with MAKING:
        if not path.exists():
            make_bundle(path)
    return path


def make_bundle(path: Path) -> None:
    """Write the script; it has its name once it is whole."""
    import vl_convert  # noqa: PLC0415 - as above

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(gzip.compress(vl_convert.javascript_bundle(SNIPPET).encode()))
    draft.rename(path)

"""What stands open to everyone: the way in, the page's own files, and whether the server is up."""

PUBLIC_PATHS = frozenset({"/sign-in", "/session", "/manifest.webmanifest", "/healthz"})
PUBLIC_FOLDER = "/static/"


def is_public(path: str) -> bool:
    """Return whether a path is answered without a token; everything not listed here asks."""
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDER)

"""HTTPS without a network: a local authority, made once, and a certificate that it signs."""

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

# Browsers refuse leaf certificates that are valid for more than 398 days.
VALID_DAYS = 390
RENEW_DAYS = 30


class LocalCertificate:
    """The files that uvicorn and a doubtful browser need."""

    def __init__(self, folder: Path) -> None:
        self.authority_key = folder / "authority.key"
        self.authority = folder / "authority.pem"
        self.key = folder / "server.key"
        self.chain = folder / "server.pem"


def ensure_certificate(folder: Path, names: list[str]) -> LocalCertificate:
    """Return a certificate for these names and addresses, made anew only where it must be."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = LocalCertificate(folder)
    if not files.chain.exists() or not still_fits(files.chain, names):
        issue(files, names)
    return files


def still_fits(chain: Path, names: list[str]) -> bool:
    """Return whether a certificate covers the names and has time left."""
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(name.value) for name in covered}
    fresh = certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)
    return fresh and known.issuperset(names)


def issue(files: LocalCertificate, names: list[str]) -> None:
    """Sign a certificate; the authority is kept, so that trusting it once is enough."""
    if files.authority_key.exists():
        authority = trustme.CA.from_pem(
            files.authority.read_bytes(), files.authority_key.read_bytes()
        )
    else:
        authority = trustme.CA(organization_name="Dermhouse local authority")
        write_private(files.authority_key, authority.private_key_pem.bytes())
        files.authority.write_bytes(authority.cert_pem.bytes())
    certificate = authority.issue_cert(
        *names, not_after=datetime.now(UTC) + timedelta(days=VALID_DAYS)
    )
    write_private(files.key, certificate.private_key_pem.bytes())
    files.chain.write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))


def write_private(path: Path, data: bytes) -> None:
    """Write a key that only its owner can read."""
    path.touch(mode=0o600)
    path.write_bytes(data)


def server_names(host: str) -> list[str]:
    """Return what the certificate must cover: this machine, and its address on the network."""
    names = ["localhost", "127.0.0.1", "::1"]
    if is_loopback(host):
        return names
    own = socket.gethostname()
    candidates = [own, network_address() if is_wildcard(host) else host]
    return names + [name for name in candidates if name and name not in names]


def network_address() -> str:
    """Return the address under which others on the network reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only chooses the interface.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def is_wildcard(host: str) -> bool:
    """Return whether a host means every interface."""
    return host in ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

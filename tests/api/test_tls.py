import ssl
import stat
from pathlib import Path

from cryptography import x509

from api.tls import ensure_certificate, is_loopback, server_names


def names_of(chain: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in covered}


def test_a_browser_that_trusts_the_authority_trusts_the_server(tmp_path: Path):
    files = ensure_certificate(tmp_path, ["localhost", "127.0.0.1"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.chain, files.key)
    to_server, to_browser = ssl.MemoryBIO(), ssl.MemoryBIO()
    browser_side = ssl.create_default_context(cafile=str(files.authority)).wrap_bio(
        to_browser, to_server, server_hostname="localhost"
    )
    server_side = server.wrap_bio(to_server, to_browser, server_side=True)
    for _ in range(4):
        for side in (browser_side, server_side):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert browser_side.getpeercert()["subjectAltName"]


def test_keys_can_be_read_by_their_owner_alone(tmp_path: Path):
    files = ensure_certificate(tmp_path / "tls", ["localhost"])
    for key in (files.key, files.authority_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_certificate_that_was_trusted(tmp_path: Path):
    first = ensure_certificate(tmp_path, ["localhost"]).chain.read_bytes()
    assert ensure_certificate(tmp_path, ["localhost"]).chain.read_bytes() == first


def test_a_new_address_gets_a_new_certificate_from_the_same_authority(tmp_path: Path):
    authority = ensure_certificate(tmp_path, ["localhost"]).authority.read_bytes()
    files = ensure_certificate(tmp_path, ["localhost", "192.0.2.7"])
    assert names_of(files.chain) == {"localhost", "192.0.2.7"}
    assert files.authority.read_bytes() == authority


def test_only_this_machines_own_addresses_count_as_loopback():
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "192.0.2.7", "house")] == [False] * 3
    assert server_names("localhost") == ["localhost", "127.0.0.1", "::1"]

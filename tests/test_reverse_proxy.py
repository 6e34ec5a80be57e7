"""Debian's nginx with the very file of docs/deployment in front of the real server."""

from __future__ import annotations

import http.client
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from surveyapp.database import utc_now
from tests.live import free_port, live_server

TREE = Path(__file__).parent.parent
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOST = "survey.example.kz"


@pytest.fixture(scope="module")
def https_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of nginx's TLS side; the server behind it believes one proxy."""
    if NGINX is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is missing")
        pytest.skip("nginx is missing")
    folder = tmp_path_factory.mktemp("proxy")
    settings = {"PUBLIC_URL": "", "TRUSTED_PROXIES": "1"}
    with live_server(folder / "instance", settings) as address:
        port = free_port()
        configure(folder, upstream=address.removeprefix("http://"), https=port, http=free_port())
        nginx = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
        try:
            wait_for(port)
            yield port
        finally:
            nginx.terminate()
            nginx.wait(20)


def configure(folder: Path, *, upstream: str, https: int, http: int) -> None:
    """The documented file with this test's ports, certificate and log folder."""
    write_certificate(folder)
    site = (TREE / "docs" / "deployment" / "nginx.conf").read_text(encoding="utf-8")
    for documented, here in (
        ("server 127.0.0.1:8000;", f"server {upstream};"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("/etc/ssl/survey.example.kz.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/private/survey.example.kz.key", str(folder / "key.pem")),
        ("/var/log/nginx/surveyapp.log", str(folder / "access.log")),
    ):
        assert documented in site
        site = site.replace(documented, here)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    # started by root, nginx hands its work to an account that may not enter this test's folder
    owner = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{owner}pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ include {folder}/site.conf; client_body_temp_path {folder}/body;\n"
        f"proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
        f"scgi_temp_path {folder}/s; }}\n",
        encoding="utf-8",
    )


def write_certificate(folder: Path) -> None:
    """A self-signed certificate for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(minutes=5))
        .not_valid_after(utc_now() + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def connect(port: int) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        connection = connect(port)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("nginx did not come up")


@dataclass(frozen=True)
class Reply:
    """What came back, whole."""

    status: int
    headers: http.client.HTTPMessage


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    connection = connect(port)
    try:
        connection.request(method, path, body=body, headers={"Host": HOST, **(headers or {})})
        response = connection.getresponse()
        response.read()
        return Reply(response.status, response.headers)
    finally:
        connection.close()


def test_pages_come_through_the_proxy(https_port: int) -> None:
    response = ask(https_port, "GET", "/kk/")
    assert response.status == 200
    assert response.headers["Strict-Transport-Security"]
    assert response.headers["Cache-Control"] == "no-store"


def test_cookies_are_secure_behind_tls(https_port: int) -> None:
    page = ask(https_port, "POST", "/ru/q/family_survey")
    cookies = page.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


def test_an_address_that_a_stranger_claims_is_not_believed(https_port: int) -> None:
    response = ask(https_port, "GET", "/kk/", headers={"X-Forwarded-Proto": "http"})
    assert response.headers["Strict-Transport-Security"]


def test_the_proxy_passes_a_long_body_on_to_the_program(https_port: int) -> None:
    body = b"x" * (17 * 1024 * 1024)
    assert ask(https_port, "POST", "/api/v1/submissions", body).status in {401, 413}

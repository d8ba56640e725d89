"""Mail goes out encrypted or not at all, when that is asked for: against a real server, with everything on the line looked at."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from guanxi.crm.mails.model import Mail
from guanxi.crm.mails.sending import send_waiting
from guanxi.crm.quotes.mailing import mail
from tests.cast import Cast
from tests.mails.test_outbox import TO, a_quote
from tests.posting import Office, open_office

pytestmark = pytest.mark.django_db
PASSWORD = "open-sesame-4711"
TLS = b"\x16\x03"
"""How a handshake begins."""


class Line:
    """What goes from Guanxi to the server and back, byte by byte."""

    def __init__(self, port: int) -> None:
        self.sent, self.answered = bytearray(), bytearray()
        self.server = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.server))
            for one, other, kept in ((near, far, self.sent), (far, near, self.answered)):
                threading.Thread(target=self._carry, args=(one, other, kept), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, kept: bytearray) -> None:
        try:
            while portion := one.recv(65536):
                kept += portion
                other.sendall(portion)
        except OSError:
            pass
        finally:
            for end in (one, other):
                end.close()

    @property
    def open_words(self) -> bytes:
        """What anybody on the way can read of what was sent: all before the handshake."""
        return bytes(self.sent).partition(TLS)[0]


def certificate(folder: Path, host: str = "127.0.0.1", days: int = 30) -> Path:
    """A self-signed certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of this test")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=60))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{host}-{days}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def an_office(settings: Any, pem: Path | None, **how: Any) -> Iterator[tuple[Office, Line]]:
    """A mail server behind a line that is listened to; it asks for a password, and Guanxi for STARTTLS."""
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        how = {"tls_context": context, "require_starttls": True, **how}
    how = {"authenticator": lambda *told: AuthResult(success=told[-1].password == PASSWORD.encode()), "auth_required": True, **how}
    with open_office(settings, **how) as office:
        line = Line(office.port)
        settings.EMAIL_PORT, settings.EMAIL_USE_TLS = line.port, True
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "crm", PASSWORD
        try:
            yield office, line
        finally:
            line.listener.close()


def try_to_send(cast: Cast) -> Mail:
    mail(a_quote(cast), by=cast.bob, to=[TO], language="en")
    send_waiting()
    return Mail.objects.get()


def test_mail_goes_encrypted_to_a_server_that_is_trusted(
    cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with an_office(settings, pem) as (office, line):
        sent = try_to_send(cast)
    assert (sent.state, sent.error) == ("sent", "")
    assert [one.rcpt_tos for one in office.taken] == [[TO]]
    assert "Dear Nora Wind," in office.text()
    assert TLS in line.sent
    words = line.open_words.upper().split()
    assert [word for word in words if word in {b"EHLO", b"HELO", b"STARTTLS", b"AUTH", b"MAIL", b"RCPT", b"DATA"}] == [b"EHLO", b"STARTTLS"]
    for secret in (TO, "Nora Wind", PASSWORD, "JVBERi"):  # the last one is how a PDF begins in base64
        assert secret.encode() not in bytes(line.sent)


@pytest.mark.parametrize(
    ("host", "days", "why"), [("127.0.0.1", 30, "self-signed"), ("127.0.0.9", 30, "mismatch"), ("127.0.0.1", -2, "expired")]
)
def test_a_certificate_that_is_not_good_gets_nothing(
    cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, why: str
) -> None:
    pem = certificate(tmp_path, host, days)
    if why != "self-signed":
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with an_office(settings, pem) as (office, line):
        waiting = try_to_send(cast)
        assert (waiting.state, waiting.handed_at, waiting.tries) == ("queued", None, 1)
        assert "The mail server's certificate is not trusted" in waiting.error
        assert why in waiting.error
        assert waiting.error.endswith("Nothing was sent.")
        assert_nothing_told(office, line)
        assert waiting.next_try_at > timezone.now()
        # Trusted by then, it goes by itself.
        if why == "self-signed":
            monkeypatch.setenv("SSL_CERT_FILE", str(pem))
            Mail.objects.update(next_try_at=timezone.now())
            assert send_waiting() == 1
            assert Mail.objects.get().state == "sent"


def test_a_server_without_starttls_gets_nothing_when_it_is_asked_for(cast: Cast, settings: Any) -> None:
    type(cast.bob).objects.filter(pk=cast.bob.pk).update(language="zh-hans")
    with an_office(settings, None, auth_require_tls=False, auth_required=False) as (office, line):
        waiting = try_to_send(cast)
        assert (waiting.state, waiting.handed_at) == ("queued", None)
        assert waiting.error == "邮件服务器不提供加密（STARTTLS），而 GUANXI_MAIL_URL 要求加密。没有发送任何内容。"
        assert b"250" in bytes(line.answered), "it was there and would have taken it"
        assert_nothing_told(office, line)
        # The same server takes it when nobody asks for STARTTLS: what is missing above is missing for that reason alone.
        settings.EMAIL_USE_TLS = False
        Mail.objects.update(next_try_at=timezone.now())
        assert send_waiting() == 1
    assert [one.rcpt_tos for one in office.taken] == [[TO]]
    assert TO.encode() in bytes(line.sent)


def test_a_server_that_breaks_off_the_handshake_gets_nothing(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """As one in the middle does that hopes for plain text on the second attempt."""
    settings.EMAIL_TIMEOUT = 2
    with an_office(settings, certificate(tmp_path), tls_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as (office, line):
        waiting = try_to_send(cast)
        assert (waiting.state, waiting.handed_at) == ("queued", None)
        assert waiting.error
        assert_nothing_told(office, line)


def assert_nothing_told(office: Office, line: Line) -> None:
    assert office.taken == []
    for word in (b"MAIL FROM", b"RCPT", b"AUTH", b"DATA", TO.encode(), PASSWORD.encode()):
        assert word not in line.open_words.upper().replace(TO.upper().encode(), TO.encode()), word

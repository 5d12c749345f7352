"""A mail in an opaque S/MIME signature is read as the mail that was signed."""

from __future__ import annotations

import base64
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from cryptography.x509.oid import NameOID

from app.mail import limits
from app.mail.domain import Kind
from app.mail.every_address import every_address
from app.mail.mime.cms import signed_content
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import SOURCE
from tests.mail.formats.test_near_kinds import arf

KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.test")])
NOW = datetime(2026, 11, 3, tzinfo=UTC)
CERTIFICATE = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), 1, NOW, NOW + timedelta(days=3650)).sign(
    KEY, SHA256()
)
ENTITY = (
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThis is spam.\r\n"
    f"--b\r\nContent-Type: message/rfc822\r\n\r\n{SOURCE}\r\n--b--\r\n"
).encode()


def signed(content: bytes, *options: pkcs7.PKCS7Options) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(CERTIFICATE, KEY, SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def streamed(content: bytes, piece: int) -> bytes:
    """The same in BER, as it is written by who does not know how long it will be (X.690 §8.1.3.6)."""

    def element(tag: int, inner: bytes) -> bytes:
        return bytes([tag, 0x80]) + inner + b"\0\0"

    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    octets = b"".join(b"\x04\x82" + len(each).to_bytes(2, "big") + each for each in pieces)
    inner = element(0x30, bytes.fromhex("06092a864886f70d010701") + element(0xA0, element(0x24, octets)))
    data = element(0x30, b"\x02\x01\x01" + element(0x31, element(0x30, b"\x05\x00")) + inner)
    return element(0x30, bytes.fromhex("06092a864886f70d010702") + element(0xA0, data))


def mail(content: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    return (
        "From: Jo <jo@home.test>\r\nTo: abuse@relay.example\r\nSubject: Spam\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + base64.encodebytes(content)


@pytest.mark.parametrize(
    "raw",
    [
        mail(signed(ENTITY)),
        mail(streamed(ENTITY, 100)),
        mail(signed(ENTITY), 'application/x-pkcs7-mime; name="smime.p7m"'),
        mail(signed(ENTITY), 'application/octet-stream; name="smime.p7m"'),
        mail(signed(mail(signed(ENTITY)))),
    ],
    ids=["DER", "in pieces", "of an old type", "of no type", "twice"],
)
def test_a_forward_in_an_opaque_signature_is_read(raw: bytes) -> None:
    found = read(raw)

    assert (found.kind, found.reporter, found.text) == (Kind.FORWARDED, "jo@home.test", "This is spam.")
    assert [each.raw for each in found.originals] == [SOURCE.encode()]
    assert {"news@garden.example", "jo@home.test"} <= every_address(raw)


def test_a_signed_feedback_report_is_one() -> None:
    inner = arf(f"Content-Type: message/rfc822\n\n{SOURCE}")
    entity = inner[inner.index(b"Content-Type") :]

    assert read(mail(signed(entity))).kind is Kind.ARF


@pytest.mark.skipif(which("openssl") is None, reason="no openssl here")
@pytest.mark.parametrize("how", [("smime",), ("cms", "-stream", "-indef")], ids=["smime", "cms in a stream"])
def test_what_openssl_signs_is_read(how: tuple[str, ...], tmp_path: Path) -> None:
    key = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "signer.pem").write_bytes(key + CERTIFICATE.public_bytes(Encoding.PEM))
    (tmp_path / "entity").write_bytes(ENTITY)
    asked = ["openssl", how[0], "-sign", "-binary", "-nodetach", *how[1:], "-signer", "signer.pem", "-in", "entity"]

    done = subprocess.run([*asked, "-outform", "DER"], cwd=tmp_path, check=True, capture_output=True)

    assert signed_content(done.stdout) == ENTITY


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30",
        signed(ENTITY, pkcs7.PKCS7Options.DetachedSignature),
        signed(ENTITY).replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703")),
        CERTIFICATE.public_bytes(Encoding.DER),
        *(signed(ENTITY)[:cut] for cut in (5, 20, 40, 60, 200)),
        *(streamed(ENTITY, 50)[:cut] for cut in (5, 20, 40, 60, 200)),
    ],
    ids=range(15),  # the key is another each time
)
def test_what_holds_no_content_gives_none(raw: bytes) -> None:
    assert signed_content(raw) is None
    assert read(mail(raw)).kind is Kind.PERSON


@pytest.mark.parametrize("filling", [b"\x24\x00", b"\x04\x00", b"\x24\x80", b"\x24\x80\x00\x00", b"\x04\x81\x01x"])
def test_millions_of_pieces_are_not_all_read(filling: bytes) -> None:
    start, _, end = streamed(b"x", 1).partition(b"\x04\x82\x00\x01x")
    raw = start + filling * (2_000_000 // len(filling)) + end
    began = time.process_time()

    assert signed_content(raw) is None
    assert time.process_time() - began < 1
    assert limits.CMS_STEPS < 2_000_000 // 4

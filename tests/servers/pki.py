"""Certificates of an authority of our own, made with the openssl program."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from airspace.app.sources import client_tls, server_tls
from airspace.service.config_sources import Tls

DAYS = 400  # so that nobody warns of an end


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that signs certificates into its folder."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def sign(self, name: str, *, days: int = DAYS) -> tuple[Path, Path]:
        """Certificate and key for a common name, good for a server on this machine too."""
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        _openssl("req", "-new", *_new_key(key), "-subj", f"/CN={name}", "-out", str(request))
        ca = ("-CA", str(self.certificate), "-CAkey", str(self.folder / "ca.key"), "-CAcreateserial")
        _openssl(
            *("x509", "-req", "-in", str(request), *ca, "-days", str(days)),
            *("-extfile", str(extensions), "-out", str(certificate)),
        )
        return certificate, key


def authority(folder: Path, name: str = "test authority") -> Authority:
    """A fresh one; skips without openssl, but fails where CI promised it."""
    if shutil.which("openssl") is None:
        reason = "no openssl program: install it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir(parents=True, exist_ok=True)
    made = Authority(folder)
    _openssl(
        "req",
        "-x509",
        *_new_key(folder / "ca.key"),
        "-subj",
        f"/CN={name}",
        "-days",
        str(DAYS),
        "-out",
        str(made.certificate),
    )
    return made


@dataclass(frozen=True, slots=True)
class Secured:
    """Both ends of links on this machine: a server that asks for certificates, and clients of three kinds."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    nameless: ssl.SSLContext  # without a certificate
    stranger: ssl.SSLContext  # with one of an authority that nobody trusts
    mistaken: ssl.SSLContext  # which trusts that authority alone, and has our certificate


@cache
def secured() -> Secured:
    """Made once, out of files, by what the service makes its own ends with."""
    with tempfile.TemporaryDirectory(prefix="airspace-test-") as folder:
        trusted, other = authority(Path(folder) / "ca"), authority(Path(folder) / "other", "another authority")
        ours, theirs, foreign = trusted.sign("server"), trusted.sign("client"), other.sign("client")
        return Secured(
            server=_made(server_tls, trusted, ours),
            client=_made(client_tls, trusted, theirs),
            nameless=_made(client_tls, trusted, None),
            stranger=_made(client_tls, trusted, foreign),
            mistaken=_made(client_tls, other, theirs),
        )


def _made(
    make: Callable[[Tls], ssl.SSLContext | None], trusted: Authority, pair: tuple[Path, Path] | None
) -> ssl.SSLContext:
    certificate, key = (None, None) if pair is None else map(str, pair)
    context = make(Tls(tls_ca_file=str(trusted.certificate), tls_certificate_file=certificate, tls_key_file=key))
    assert context is not None
    return context


def _new_key(path: Path) -> tuple[str, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(path))


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)

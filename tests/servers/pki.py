"""Certificates of an authority of our own, made with the openssl program."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that signs certificates into its folder."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def sign(self, name: str, *, days: int = 2) -> tuple[Path, Path]:
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
        "2",
        "-out",
        str(made.certificate),
    )
    return made


def _new_key(path: Path) -> tuple[str, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(path))


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)

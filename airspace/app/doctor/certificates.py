"""Until when certificates hold: our own and our authorities' out of their files, those of servers over their own port.

A server is asked as the source asks it, with the same authorities, so a certificate that has ended fails here as it
does there, and is told as that. Certificates that clients show us are not known before they come.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from airspace.app import sources
from airspace.app.doctor.finding import Finding, State, fail, ok, warn
from airspace.model.units import rfc3339
from airspace.service import config, config_sources

SOON_DAYS: Final = 30.0
DAY_S: Final = 86_400.0
HTTPS_PORT: Final = 443
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_RENEW: Final = "renew it, put it in its place and start the service again"


def of_files(settings: config.Settings, now_s: float) -> Iterator[Finding]:
    """Each certificate that the configuration names; nothing where it names none."""
    ends_s = {f"{key}: {path}": _end_of_file(Path(path)) for key, path in _named(settings)}
    found = [judged("certificates", what, end_s, now_s) for what, end_s in ends_s.items() if end_s is not None]
    faults = [finding for finding in found if finding.state is not State.OK]
    yield from faults
    if found and not faults:
        yield ok("certificates", f"{len(found)} files, none ends within {SOON_DAYS:.0f} days")


def _named(settings: config.Settings) -> Iterator[tuple[str, str]]:
    for table, entries in config.with_tls(settings).items():
        for number, one in enumerate(entries):
            for key in ("tls_certificate_file", "tls_ca_file"):
                path = getattr(one, key)
                if path is not None:
                    yield f"{table}[{number}].{key}", path


def _end_of_file(path: Path) -> float | None:
    """Of its first certificate; None for a file that cannot be used, which its source tells of.

    The standard library has no public way to read a certificate that is not a peer's.
    """
    try:
        return _end_of(importlib.import_module("_ssl")._test_decode_cert(str(path)))  # noqa: SLF001 - as above
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        return None


def _end_of(certificate: Any) -> float:
    return float(ssl.cert_time_to_seconds(certificate["notAfter"]))


def judged(part: str, what: str, ends_s: float, now_s: float, remedy: str = _RENEW) -> Finding:
    """Whether it ends soon, or has."""
    left_days, day = (ends_s - now_s) / DAY_S, rfc3339(ends_s)[:10]
    if left_days <= 0:
        return fail(part, f"{what}: the certificate ended on {day}", remedy)
    if left_days < SOON_DAYS:
        return warn(part, f"{what}: the certificate ends on {day}, in {left_days:.0f} days", remedy)
    return ok(part, f"{what}: the certificate holds until {day}")


async def of_server(
    part: str, one: config_sources.Mqtt | config_sources.Tcp | config_sources.Poll, now_s: float
) -> list[Finding]:
    """A server's certificate, if it is protected by one; only what should be known of it: nothing while it is well.

    Whatever else is wrong with the connection is told by whoever tries the source.
    """
    where = _address(one)
    if where is None:
        return []
    host, port = where
    context = sources.client_tls(one) or ssl.create_default_context()
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == _EXPIRED:
            return [fail(part, "the server's certificate has ended", "have its owner renew it", server=True)]
        return []
    except OSError:
        return []
    with contextlib.closing(writer.transport):
        found = judged(part, "the server", _end_of(writer.get_extra_info("peercert")), now_s, "have its owner renew it")
    return [] if found.state is State.OK else [found]


def _address(one: config_sources.Mqtt | config_sources.Tcp | config_sources.Poll) -> tuple[str, int] | None:
    if isinstance(one, config_sources.Poll):
        url = urlsplit(one.url)
        return (url.hostname, url.port or HTTPS_PORT) if url.scheme == "https" and url.hostname else None
    if not one.uses_tls or getattr(one, "role", "client") == "server":
        return None
    return one.host, one.port

"""Settings to parts: what a table of the configuration becomes."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from airspace.app.sources import client_tls as tls_of_client
from airspace.model.privacy import Mode, Privacy
from airspace.model.units import epoch_s
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.store import address
from airspace.store.embedded import Waiting, embedded
from airspace.store.embedded import revive as revive_embedded
from alerting.channels.grafana import GrafanaChannel
from alerting.channels.grafana import connect as grafana_channel
from geofences.heights.terrain import Terrain
from geofences.heights.vertical import Levels
from geofences.notices import capacity as capacity_setting
from geofences.notices.capacity import Capacity, CapacityEntry


def database(
    settings: config.Database, *, make: bool = True, waiting: Waiting | None = None
) -> AbstractContextManager[str]:
    """A server's URL as it is, or the embedded server of a folder.

    ``ConfigError`` for a URL that can never work, and for a folder that holds none yet, unless it may be made: whoever
    only asks makes nothing. One that recovers is waited for some seconds, or, by who is told of it by ``waiting``, as
    long as it lives.
    """
    url = settings.url or config.secret(None, settings.url_env)
    if url is not None:
        if (never := address.fault(url)) is not None:
            raise config.ConfigError(f"{'database.url' if settings.url else settings.url_env}: {never}")
        return nullcontext(url)
    if settings.folder is None:
        raise config.ConfigError("database: set url, url_env, or folder for the embedded PostgreSQL")
    if not make and holds_none(settings):
        raise config.ConfigError(f"{settings.folder} holds no database yet: start the service once")
    folder = Path(settings.folder)
    return embedded(folder) if waiting is None else embedded(folder, patience_s=math.inf, waiting=waiting)


def holds_none(settings: config.Database) -> bool:
    """Whether the database is an embedded one that was never made."""
    url = settings.url or config.secret(None, settings.url_env)
    return url is None and settings.folder is not None and not (Path(settings.folder) / "PG_VERSION").exists()


def revive(settings: config.Database) -> Callable[[], bool] | None:
    """How to start the embedded server again; None for a server of somebody else."""
    if settings.url or config.secret(None, settings.url_env) or settings.folder is None:
        return None
    return partial(revive_embedded, Path(settings.folder))


def state_folder(settings: config.Settings) -> Path | None:
    """Where the state is kept for a restart: a folder for each database; None where nothing is to be kept."""
    if not settings.state.keep:
        return None
    user = f"/dev/shm/airspace-{os.geteuid()}"  # noqa: S108 -- its owner and rights are checked when it is used
    root = settings.state.folder or os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or user
    return Path(root) / hashlib.sha256(repr(settings.database).encode()).hexdigest()[:16]


def grafana(settings: config.Grafana) -> GrafanaChannel:
    """The Grafana channel; ``ConfigError`` where its token or its client is missing."""
    token = config.secret(settings.token_file, settings.token_env)
    if token is None:
        raise config.ConfigError(f"grafana: set token_file or the variable {settings.token_env}")
    own = settings.tls_certificate_file
    tls_of_client(settings)  # files that are missing, or that do not fit, are named here
    try:
        return grafana_channel(
            settings.url,
            token,
            stream=settings.stream,
            dashboard_uid=settings.dashboard_uid,
            authorities=settings.tls_ca_file,
            certificate=None if own is None else (own, settings.tls_key_file),
        )
    except (RuntimeError, ValueError) as error:
        raise config.ConfigError(f"grafana: {error}") from error


def privacy(settings: config.PrivacySettings) -> Privacy:
    """The privacy mode with its key; ``ConfigError`` without a key, or when enforcement is over its time."""
    key = pseudonym_key(settings)
    if key is None:
        raise config.ConfigError(f"no pseudonym key: set privacy.key_file or the variable {settings.key_env}")
    if settings.mode is Mode.ENFORCEMENT and settings.until is not None and epoch_s(settings.until) <= wall_clock():
        raise config.ConfigError(f"privacy.until: enforcement ended on {settings.until}; renew it or use statistics")
    return Privacy(mode=settings.mode, key=key)


def pseudonym_key(settings: config.PrivacySettings) -> bytes | None:
    """The key of the pseudonyms, None if nobody set one."""
    text = config.secret(settings.key_file, settings.key_env)
    return None if text is None else hashlib.sha256(text.encode()).digest()


def key_of(files: Sequence[Path]) -> bytes:
    """Pseudonyms of a replay without a key: the same for the same recordings, whose holder knows the ids anyway."""
    digest = hashlib.sha256(b"airspace replay")
    for file in files:
        if file.is_file():
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()


def capacity(entries: Sequence[config.Capacity]) -> Callable[[str, float], tuple[int, int] | None] | None:
    """How many notified flights may fly at once in a group at a time; None where nobody says anything of it."""
    return Capacity(entries=tuple(_capacity_entry(entry) for entry in entries)).of if entries else None


def _capacity_entry(entry: config.Capacity) -> CapacityEntry:
    start, end = capacity_setting.hours(entry.hours or "00:00-24:00")
    return CapacityEntry(
        group=entry.group,
        commercial=entry.commercial,
        emergency=entry.emergency,
        since_s=-math.inf if entry.since is None else epoch_s(entry.since),
        until_s=math.inf if entry.until is None else epoch_s(entry.until),
        days=capacity_setting.weekdays(entry.days),
        start=start,
        end=end,
    )


def levels(settings: config.Heights) -> Levels:
    """What heights rest on beside the messages; ``TerrainError`` for a raster that cannot be used."""
    terrain = None if settings.terrain_file is None else Terrain.read(Path(settings.terrain_file))
    return Levels(terrain=terrain, qnh_hpa=settings.qnh_hpa)


def paths(files: config.Files) -> list[Path]:
    """The files of a table."""
    return [Path(name) for name in files.files]

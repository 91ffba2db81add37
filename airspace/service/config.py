"""Configuration: one TOML file, read once into frozen settings. An error names the key.

Secrets never stand in the file: a key names the file or the environment variable that holds them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from airspace.model.privacy import Mode
from airspace.model.units import epoch_s
from airspace.service.config_sensors import HOURS, Day, Latitude, Longitude, SensorSettings
from airspace.service.config_sources import (
    Mqtt,
    Poll,
    Port,
    Positive,
    Sapient,
    Section,
    Serial,
    Tcp,
    Text,
    Tls,
    Udp,
    Zmq,
)

_UNKNOWN = re.compile(r"unknown field (\S+)")


class ConfigError(ValueError):
    """The configuration cannot be used; the message is one line that names file and key."""


class Console(Section, frozen=True):
    """The HTTP side: API and console."""

    host: str = "127.0.0.1"
    port: Port = 8480  # 0 takes a free one
    latitude_deg: Latitude = 52.3144
    longitude_deg: Longitude = 4.9419
    zoom: Annotated[float, msgspec.Meta(ge=1, le=20)] = 12.0
    token_file: str | None = None  # who has this secret may use console and API; needed beyond this machine
    tiles: str | None = None  # URL template of a raster source; none: no request leaves the machine
    tiles_attribution: str = ""
    public_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/?#]+(/[^?#]*)?$", max_length=300)] | None = (
        None  # how people reach it through a proxy: https://drones.example.org/tower/
    )
    hosts: tuple[Text, ...] = ()  # other names under which it may be asked; addresses and this machine's always
    proxies: tuple[Text, ...] = ()  # addresses of proxies whose X-Forwarded-For and -Proto count


class Database(Section, frozen=True):
    """Where things are kept: a server's URL, or a folder for the embedded PostgreSQL."""

    url: str | None = None
    url_env: str | None = None
    folder: str | None = None


class PrivacySettings(Section, frozen=True):
    """What may be stored and shown. ``enforcement`` needs a purpose and an end date."""

    mode: Mode = Mode.STATISTICS
    purpose: str | None = None
    until: str | None = None  # RFC 3339
    key_file: str | None = None
    key_env: str = "AIRSPACE_PSEUDONYM_KEY"


class Record(Section, frozen=True):
    """Every accepted message into files of our own format, for replays; absent: off."""

    folder: Text
    purpose: Text | None = None  # else privacy's, in mode enforcement
    until: str | None = None  # RFC 3339; likewise
    rotate_bytes: Annotated[int, msgspec.Meta(ge=1 << 20)] = 1 << 28
    rotate_s: Positive = 3600.0


class Files(Section, frozen=True):
    """Zone or notice files, read at the start and again when they change."""

    files: tuple[str, ...] = ()


class Zones(Files, frozen=True):
    """Zone files, and whether U-space airspace is judged."""

    uspace: bool = False  # no U-space airspace is designated in the Netherlands


class Heights(Section, frozen=True):
    """What heights rest on beside the messages."""

    terrain_file: str | None = None  # GeoTIFF of the ground above NAP; none: the ground is taken at sea level
    qnh_hpa: Annotated[float, msgspec.Meta(ge=850, le=1100)] | None = None  # pressure at sea level, for the day


class Notices(Files, frozen=True):
    """Notice files, and how long stored notices are kept."""

    keep_days: Positive = 28.0  # after the end of a notice


class Capacity(Section, frozen=True):
    """How many notified flights may fly at once in an airspace group; the last entry that holds counts."""

    group: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]  # as zones name it: ctr-eham
    commercial: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    emergency: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    since: str | None = msgspec.field(default=None, name="from")  # RFC 3339
    until: str | None = msgspec.field(default=None, name="to")
    days: tuple[Day, ...] = ()  # none named: all
    hours: Annotated[str, msgspec.Meta(pattern=HOURS)] | None = (
        None  # "08:00-23:00" in Amsterdam; may run over midnight
    )


class State(Section, frozen=True):
    """What is kept over a restart of the service: in memory alone."""

    keep: bool = True
    folder: str | None = None  # in a tmpfs; else the service manager's run-time directory, else /dev/shm


class Gate(Section, frozen=True):
    """What may pass into the tracks."""

    accept_unknown_sensors: bool = False
    rows_per_second: Positive = 2000.0  # of one sensor
    cell_rows_per_second: Positive | None = None  # of one sensor and place; else half of that


class Grafana(Tls, frozen=True, kw_only=True):
    """Alerts as annotations and Live pushes; absent: off."""

    url: Text
    token_file: str | None = None
    token_env: str = "AIRSPACE_GRAFANA_TOKEN"  # noqa: S105 -- the name of a variable
    stream: str = "airspace"
    dashboard_uid: str | None = None
    database_url_env: Text = "AIRSPACE_GRAFANA_DATABASE_URL"  # how Grafana reaches the database, never as the service

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        if self.uses_tls and not self.url.startswith("https://"):
            return "url: the tls keys need https://"
        return Tls.fault(self)


class Settings(Section, frozen=True):
    """The whole file."""

    city: str = "Amsterdam"
    authorised_limit: int = 2  # notified flights that may fly at once in the control zone
    console: Console = Console()
    database: Database = Database()
    privacy: PrivacySettings = PrivacySettings()
    mqtt: tuple[Mqtt, ...] = ()
    zmq: tuple[Zmq, ...] = ()
    tcp: tuple[Tcp, ...] = ()
    udp: tuple[Udp, ...] = ()
    serial: tuple[Serial, ...] = ()
    poll: tuple[Poll, ...] = ()
    sapient: tuple[Sapient, ...] = ()
    record: Record | None = None
    sensor: tuple[SensorSettings, ...] = ()
    zones: Zones = Zones()
    heights: Heights = Heights()
    notices: Notices = Notices()
    capacity: tuple[Capacity, ...] = ()
    gate: Gate = Gate()
    state: State = State()
    grafana: Grafana | None = None
    retention_hours: Positive = 72.0  # of raw detections


def read(path: Path) -> Settings:
    """The settings of a file; ``ConfigError`` names the file and the key at fault."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    try:
        settings = msgspec.toml.decode(data, type=Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_plain(str(error))}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    _check(path, settings)
    return settings


def _plain(fault: str) -> str:
    """The key first, and in words: ``$.console.port: expected int, got str``."""
    what, _, where = fault.replace("`", "").partition(" - at ")
    unknown = _UNKNOWN.search(what)
    if unknown is not None:
        key = f"{where.removeprefix('$.')}.{unknown[1]}" if where else unknown[1]
        return f"there is no key {key}; docs/configuration.md lists them all"
    return f"{where}: {what[:1].lower()}{what[1:]}" if where else what


def secret(file: str | None, variable: str | None) -> str | None:
    """A secret out of a file, else out of the environment, else None."""
    if file is not None:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from error
    return os.environ.get(variable) if variable else None


def is_loopback(host: str) -> bool:
    """Whether nobody else can reach it there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def with_tls(settings: Settings) -> dict[str, tuple[Tls, ...]]:
    """The tables whose entries may have certificates."""
    grafana = () if settings.grafana is None else (settings.grafana,)
    return {
        "mqtt": settings.mqtt,
        "tcp": settings.tcp,
        "poll": settings.poll,
        "sapient": settings.sapient,
        "grafana": grafana,
    }


def _check(path: Path, settings: Settings) -> None:
    privacy = settings.privacy
    if privacy.mode is Mode.ENFORCEMENT and not (privacy.purpose and privacy.until):
        raise ConfigError(f"{path}: privacy.mode = 'enforcement' needs privacy.purpose and privacy.until")
    _moment(path, "privacy.until", privacy.until)
    for number, entry in enumerate(settings.capacity):
        since_s = _moment(path, f"capacity[{number}].from", entry.since)
        until_s = _moment(path, f"capacity[{number}].to", entry.until)
        if since_s is not None and until_s is not None and until_s <= since_s:
            raise ConfigError(f"{path}: capacity[{number}].to: not after from")
    if settings.console.token_file is None and not is_loopback(settings.console.host):
        raise ConfigError(f"{path}: console.host = {settings.console.host!r} needs console.token_file")
    if settings.record is not None:
        _moment(path, "record.until", settings.record.until)
    for number, sensor in enumerate(settings.sensor):
        if sensor.token_file is not None and sensor.token_sha256 is not None:
            raise ConfigError(f"{path}: sensor[{number}]: token_file or token_sha256, not both")
        _check_registered(path, f"sensor[{number}]", sensor)
    _check_sources(path, settings)
    _once(path, "sensor.id", (sensor.id for sensor in settings.sensor))


def _check_registered(path: Path, key: str, sensor: SensorSettings) -> None:
    _moment(path, f"{key}.until", sensor.until)
    for number, hours in enumerate(sensor.hours):
        try:
            ZoneInfo(hours.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(f"{path}: {key}.hours[{number}].zone: no time zone {hours.zone!r}") from error
    for number, pause in enumerate(sensor.pauses):
        since_s = _moment(path, f"{key}.pauses[{number}].from", pause.since)
        until_s = _moment(path, f"{key}.pauses[{number}].to", pause.until)
        if since_s is not None and until_s is not None and until_s <= since_s:
            raise ConfigError(f"{path}: {key}.pauses[{number}].to: not after from")


def _check_sources(path: Path, settings: Settings) -> None:
    listed: dict[str, tuple[Tls | Zmq, ...]] = {**with_tls(settings), "zmq": settings.zmq}
    for table, entries in listed.items():
        for number, entry in enumerate(entries):
            fault = entry.fault()
            if fault is not None:
                raise ConfigError(f"{path}: {table}[{number}].{fault}")
    for table, names in {
        "mqtt": [one.known_as for one in settings.mqtt],
        "zmq": [one.known_as for one in settings.zmq],
        "tcp": [one.known_as for one in settings.tcp],
        "udp": [one.known_as for one in settings.udp],
        "serial": [one.device for one in settings.serial],
        "serial.name": [one.known_as for one in settings.serial],
        "poll": [one.url for one in settings.poll],
        "sapient": [one.known_as for one in settings.sapient],
    }.items():
        _once(path, table, names)
    sessions = (f"{one.identifier} at {one.host}:{one.port}" for one in settings.mqtt)
    _once(path, "mqtt.identifier", sessions)  # the broker would end the one for the other, for ever


def _once(path: Path, key: str, values: Iterable[str]) -> None:
    """Two tasks, sensors or sessions of one name would be one."""
    listed = list(values)
    doubled = {one for one in listed if listed.count(one) > 1}
    if doubled:
        raise ConfigError(f"{path}: {key} {min(doubled)!r} stands twice")


def _moment(path: Path, key: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return epoch_s(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {key}: {error}") from error

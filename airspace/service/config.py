"""Configuration: one TOML file, read once into frozen settings. An error names the key.

Secrets never stand in the file: a key names the file or the environment variable that holds them.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from airspace.model.privacy import Mode
from airspace.model.sensor import Sensor
from airspace.model.units import epoch_s

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
HOURS: Final = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"


class ConfigError(ValueError):
    """The configuration cannot be used; the message is one line that names file and key."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not known is an error, not a silence."""


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


class Mqtt(Section, frozen=True):
    """A broker to listen to."""

    name: str = "mqtt"
    host: str = "127.0.0.1"
    port: Port = 1883
    topics: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("airspace/v1/+/sensor/+/detection",)
    identifier: str = "airspace-monitor"
    username: str | None = None
    password_file: str | None = None
    tls_ca_file: str | None = None


class SensorSettings(Section, frozen=True):
    """A sensor of the registry."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: str | None = None
    kind: Literal["remote_id", "direction_finder", "adsb"] = "remote_id"
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    silent_after_s: Positive = 180.0
    range_m: Positive = 3000.0

    def sensor(self) -> Sensor:
        """The registry's entry."""
        return Sensor(
            sensor_id=self.id,
            name=self.name or self.id,
            kind=self.kind,
            latitude_deg=self.latitude_deg,
            longitude_deg=self.longitude_deg,
            silent_after_s=self.silent_after_s,
            range_m=self.range_m,
        )


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


class Gate(Section, frozen=True):
    """What may pass into the tracks."""

    accept_unknown_sensors: bool = False
    rows_per_second: Positive = 2000.0  # of one sensor


class Grafana(Section, frozen=True):
    """Alerts as annotations and Live pushes; absent: off."""

    url: str
    token_file: str | None = None
    token_env: str = "AIRSPACE_GRAFANA_TOKEN"  # noqa: S105 -- the name of a variable
    stream: str = "airspace"
    dashboard_uid: str | None = None
    database_url_env: str = "AIRSPACE_GRAFANA_DATABASE_URL"  # how Grafana reaches the database, best as a reading user


class Settings(Section, frozen=True):
    """The whole file."""

    city: str = "Amsterdam"
    authorised_limit: int = 2  # notified flights that may fly at once in the control zone
    console: Console = Console()
    database: Database = Database()
    privacy: PrivacySettings = PrivacySettings()
    mqtt: tuple[Mqtt, ...] = ()
    sensor: tuple[SensorSettings, ...] = ()
    zones: Zones = Zones()
    heights: Heights = Heights()
    notices: Notices = Notices()
    capacity: tuple[Capacity, ...] = ()
    gate: Gate = Gate()
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
        raise ConfigError(f"{path}: {error}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    _check(path, settings)
    return settings


def secret(file: str | None, variable: str | None) -> str | None:
    """A secret out of a file, else out of the environment, else None."""
    if file is not None:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from error
    return os.environ.get(variable) if variable else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


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
    if settings.console.token_file is None and not _is_loopback(settings.console.host):
        raise ConfigError(f"{path}: console.host = {settings.console.host!r} needs console.token_file")
    ids = [sensor.id for sensor in settings.sensor]
    doubled = {one for one in ids if ids.count(one) > 1}
    if doubled:
        raise ConfigError(f"{path}: sensor.id {min(doubled)!r} stands twice")


def _moment(path: Path, key: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return epoch_s(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {key}: {error}") from error

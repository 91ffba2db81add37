"""Everything of a configuration that lies on this machine: secrets, keys, zone and notice files, folders, ports."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from airspace.app import parts, rules, sources, zone_files
from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.model.zone import Oddity
from airspace.service import config, web
from geofences.catalogue import Catalogue
from geofences.explanation.coverage import silences
from geofences.formats import notice_checks
from geofences.zone_set import ZoneSet

SHORTEST_KEY: Final = 16  # letters
OLD_ZONES_DAYS: Final = 28.0  # an AIRAC cycle: after it the published set is another
LITTLE_BYTES: Final = 5 << 30
TOO_LITTLE_BYTES: Final = 1 << 29
DAY_S: Final = 86_400.0
FAR_M: Final = 100_000.0  # a notice so far from the place that is watched is another's, or misplaced
MOST_NAMED: Final = 5


def secrets(settings: config.Settings) -> Iterator[Finding]:
    """Each file with a secret: there, readable, not empty, and not for everybody."""
    named = dict(_secret_files(settings))
    faults = [finding for key, path in named.items() for finding in _secret(key, Path(path))]
    yield from faults
    if not faults:
        yield ok("secrets", f"{len(named)} files, none readable for everybody")


def _secret_files(settings: config.Settings) -> Iterator[tuple[str, str]]:
    listed: list[tuple[str, str | None]] = [
        ("console.token_file", settings.console.token_file),
        ("privacy.key_file", settings.privacy.key_file),
        ("grafana.token_file", None if settings.grafana is None else settings.grafana.token_file),
        *((f"mqtt[{number}].password_file", one.password_file) for number, one in enumerate(settings.mqtt)),
        *((f"zmq[{number}].curve_key_file", one.curve_key_file) for number, one in enumerate(settings.zmq)),
        *((f"poll[{number}].token_file", one.token_file) for number, one in enumerate(settings.poll)),
        *((f"sensor[{number}].token_file", one.token_file) for number, one in enumerate(settings.sensor)),
    ]
    for table, entries in config.with_tls(settings).items():
        for number, one in enumerate(entries):
            listed.append((f"{table}[{number}].tls_key_file", one.tls_key_file or one.tls_certificate_file))
    return ((key, path) for key, path in listed if path is not None)


def _secret(key: str, path: Path) -> Iterator[Finding]:
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        yield fail("secrets", f"{key}: {path}: {error.strerror}", "make the file, or let the service's user read it")
        return
    if not size:
        yield fail("secrets", f"{key}: {path} is empty", "write the secret into it")
    if mode & stat.S_IROTH:
        yield warn("secrets", f"{key}: {path} is readable for everybody", f"chmod o-rwx {path}")


def privacy(settings: config.PrivacySettings) -> Finding:
    """The key of the pseudonyms, and the time of mode enforcement."""
    remedy = f"write 32 random letters to privacy.key_file, or set {settings.key_env}; renew privacy.until"
    try:
        made = parts.privacy(settings)
        text = config.secret(settings.key_file, settings.key_env) or ""
    except config.ConfigError as error:
        return fail("privacy", str(error), remedy)
    if len(text) < SHORTEST_KEY:
        return warn("privacy", f"a pseudonym key of {len(text)} letters can be guessed", "use 32 random letters")
    return ok("privacy", f"mode {made.mode.value}, key set")


def zones(settings: config.Settings, now_s: float) -> Iterator[Finding]:
    """Each zone file: how many, what is odd, how old."""
    if not settings.zones.files:
        yield warn("zones", "no zone file: no flight is judged against airspace", "name some under [zones] files")
    loaded: list[ZoneSet] = []
    for path in parts.paths(settings.zones):
        try:
            (zone_set,) = zone_files.load_zones([path])
        except rules.INPUT_FAULTS as error:
            remedy = _remedy(error, "zones", f"airspace zones check {path}")
            yield fail("zones", f"{path}: {_line(error)}", remedy)
            continue
        loaded.append(zone_set)
        age_days = (now_s - path.stat().st_mtime) / DAY_S
        text = f"{path}: {len(zone_set.zones)} zones, {len(zone_set.oddities)} oddities, {age_days:.0f} days old"
        if zone_set.set_aside:
            what = zone_files.in_words(zone_set.set_aside)
            yield warn("zones", f"{path}: {what}", f"airspace zones check {path} names them; the rest is in force")
        late = zone_files.out_of_date([zone_set], now_s)
        if late:
            yield warn("zones", f"{path}: {late[0].removeprefix(f'{zone_set.source}: ')}", "bring the present set")
        elif age_days > OLD_ZONES_DAYS:
            yield warn("zones", text, "fetch the present set: an AIRAC cycle is 28 days")
        else:
            yield ok("zones", text)

    if loaded:
        yield from _silences(settings.console, loaded, now_s)


def _remedy(error: BaseException, table: str, look: str) -> str:
    """What to do about a file: looking into one that is not there helps nobody."""
    gone = FileNotFoundError | IsADirectoryError | NotADirectoryError
    return f"put the file there, or mend [{table}] files" if isinstance(error, gone) else look


def _silences(console: config.Console, loaded: list[ZoneSet], now_s: float) -> Iterator[Finding]:
    """What keeps the files that can be read from answering for the city of the console."""
    place = (console.latitude_deg, console.longitude_deg)
    for silence in silences(Catalogue(loaded), place, now_s, fences_suffice=True):
        yield warn(
            "zones",
            f"{silence.en} (console.latitude_deg, console.longitude_deg): flights cannot be judged",
            "fetch the present set of this country, and name it under [zones] files",
        )


def notices(settings: config.Settings, now_s: float) -> Iterator[Finding]:
    """Each notice file: how many, what is odd, how old."""
    if not settings.notices.files:
        text = "no notice file: until notices are entered here, a flight is never more than probably not allowed"
        yield warn("notices", text, "name lists under [notices] files (an empty one, if there are none), or enter them")
    for path in parts.paths(settings.notices):
        try:
            read = rules.read_notices(path)
        except rules.INPUT_FAULTS as error:
            remedy = _remedy(error, "notices", f"airspace notices check {path}")
            yield fail("notices", f"{path}: {_line(error)}", remedy)
            continue
        found = read.notices
        ended = sum(notice.end_s <= now_s for notice in found)
        passed, odd = len(read.oddities), len(read.remarks)
        age_days = (now_s - path.stat().st_mtime) / DAY_S
        text = (
            f"{path}: {len(found)} notices, {ended} over, {passed} passed over, {odd} remarks, {age_days:.0f} days old"
        )
        away = notice_checks.far(found, settings.console.latitude_deg, settings.console.longitude_deg, FAR_M)
        if passed:
            yield warn("notices", f"{text}; {_first(read.oddities)}", f"airspace notices check {path}")
        elif away:
            named = ", ".join(notice.notice_id for notice in away[:MOST_NAMED])
            remedy = "are latitude and longitude right? the place watched is [console] latitude_deg, longitude_deg"
            yield warn("notices", f"{text}; {len(away)} far from here: {named}", remedy)
        elif found and ended == len(found):
            yield warn("notices", text, "every notice in it is over: bring the present ones")
        elif any("no volume of it is sound" in remark.what for remark in read.remarks):
            yield warn("notices", f"{text}; {_first(read.remarks)}", f"airspace notices check {path}")
        else:
            yield ok("notices", text)


def _first(oddities: Sequence[Oddity]) -> str:
    return f"{oddities[0].place}: {oddities[0].what}"


def heights(settings: config.Heights) -> Iterator[Finding]:
    """The raster of the ground."""
    if settings.terrain_file is None:
        return
    try:
        parts.levels(settings)
    except (*rules.INPUT_FAULTS, RuntimeError) as error:
        yield fail("heights", f"{settings.terrain_file}: {_line(error)}", "see [heights] in docs/configuration.md")
    else:
        yield ok("heights", settings.terrain_file)


def sensors(settings: config.Settings) -> Iterator[Finding]:
    """The registry and its secrets."""
    if not settings.sensor:
        yield _no_sensors(settings.gate)
        return
    try:
        push = sources.push(settings)
    except config.ConfigError as error:
        yield fail("sensors", str(error), "give each sensor a secret of its own, 16 letters or more")
        return
    pushing = "nobody" if push is None else f"{push.sensors} of them"
    yield ok("sensors", f"{len(settings.sensor)} registered, {pushing} may push over HTTP")


def _no_sensors(gate: config.Gate) -> Finding:
    if gate.accept_unknown_sensors:
        text = "none is registered: coverage reduced until one is heard, and silence of one is told only from then on"
        return warn("sensors", text, "add [[sensor]] entries")
    return fail("sensors", "none is registered: every message is refused", "add [[sensor]] entries")


def recording(settings: config.Record | None) -> Iterator[Finding]:
    """The recorder's folder."""
    if settings is None:
        return
    folder = Path(settings.folder)
    there = folder if folder.is_dir() else folder.parent
    if not os.access(there, os.W_OK | os.X_OK):
        yield fail("record", f"{folder} cannot be written to", f"mkdir -p {folder} and give it to the service's user")
    else:
        yield room("record", there)


def room(part: str, folder: Path) -> Finding:
    """How much disk is left."""
    free = shutil.disk_usage(folder).free
    text = f"{folder}: {free / (1 << 30):.1f} GiB free"
    if free < TOO_LITTLE_BYTES:
        return fail(part, text, "make room: nothing can be stored soon")
    if free < LITTLE_BYTES:
        return warn(part, text, "make room, or shorten retention_hours")
    return ok(part, text)


def port(settings: config.Console) -> Finding:
    """Whether the console's port can be had."""
    where = f"{settings.host}:{settings.port}"
    try:
        web.listen(settings.host, settings.port).close()
    except OSError as error:
        remedy = "stop what listens there (this service, if it runs: then all is well), or set console.port"
        return warn("port", f"{where}: {error.strerror}", remedy)
    return ok("port", f"{where} is free")


def _line(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__

"""What bench/zones.py measures itself beside: shapely's STRtree and PostGIS, asked the same question.

The question: which zones hold this point, with its height in their band, and are in force? The peers get what helps
them ready-made: heights in both datums, whether a zone is in force now as a plain yes or no, circles as polygons of 64
corners (neither knows geodesic circles), which puts points up to 0.2 % of a radius inside an edge outside.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import WGS84
from airspace.model.track import Booleans
from airspace.model.zone import Circle, Datum, Polygon, Volume

Pairs = tuple[Rows, Rows]
CORNERS: Final = 64
_SOCKET_PORT: Final = 5432
_TABLE: Final = """
create extension if not exists postgis;
drop table if exists zone;
create table zone (number integer primary key, area geometry(Polygon, 4326), lower_m float8, upper_m float8,
  over_sea boolean, in_force boolean);
"""
_ASK: Final = """
select point.nth - 1, zone.number
from unnest(%b::float8[], %b::float8[], %b::float8[], %b::float8[]) with ordinality point(x, y, agl_m, amsl_m, nth)
join zone on st_covers(zone.area, st_setsrid(st_makepoint(point.x, point.y), 4326))
where zone.in_force and point.agl_m >= zone.lower_m
  and case when zone.over_sea then point.amsl_m else point.agl_m end < zone.upper_m
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One volume a row, as the peers have them: the lower limit is above ground, at the ground it is open."""

    area: npt.NDArray[np.object_]
    lower_m: Numbers
    upper_m: Numbers
    over_sea: Booleans  # the upper limit is above sea level, not above ground
    in_force: Booleans


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Points with their heights."""

    latitude_deg: Numbers
    longitude_deg: Numbers
    agl_m: Numbers
    amsl_m: Numbers

    def part(self, first: int, last: int) -> Places:
        """Some of them."""
        return Places(
            latitude_deg=self.latitude_deg[first:last],
            longitude_deg=self.longitude_deg[first:last],
            agl_m=self.agl_m[first:last],
            amsl_m=self.amsl_m[first:last],
        )


def table(volumes: Sequence[Volume], in_force: Booleans) -> Table:
    """The peers' table of some volumes."""
    return Table(
        area=np.array([_drawn(volume.shape) for volume in volumes], dtype=object),
        lower_m=np.array([volume.lower_m if (volume.lower_m or 0.0) > 0 else -np.inf for volume in volumes]),
        upper_m=np.array([np.inf if volume.upper_m is None else volume.upper_m for volume in volumes]),
        over_sea=np.array([volume.upper_datum is Datum.AMSL for volume in volumes], dtype=np.bool_),
        in_force=in_force,
    )


def _drawn(shape: Circle | Polygon) -> shapely.Polygon:
    if isinstance(shape, Polygon):
        return shapely.Polygon(shape.rings[0], shape.rings[1:])
    azimuth = np.linspace(0.0, 360.0, CORNERS, endpoint=False)
    centre = np.full(CORNERS, shape.longitude_deg), np.full(CORNERS, shape.latitude_deg)
    longitude, latitude, _ = WGS84.fwd(*centre, azimuth, np.full(CORNERS, shape.radius_m))
    return shapely.Polygon(np.column_stack((longitude, latitude)))


class Tree:
    """Shapely's STRtree over all zones."""

    def __init__(self, zones: Table) -> None:
        self._zones = zones
        self._tree = shapely.STRtree(zones.area)
        self._simple: list[tuple[float, float, bool, bool]] = list(
            zip(
                zones.lower_m.tolist(),
                zones.upper_m.tolist(),
                zones.over_sea.tolist(),
                zones.in_force.tolist(),
                strict=True,
            )
        )

    def by_point(self, places: Places) -> int:
        """Point by point, in Python; how many pairs there are."""
        found = 0
        for x, y, agl_m, amsl_m in zip(
            places.longitude_deg.tolist(),
            places.latitude_deg.tolist(),
            places.agl_m.tolist(),
            places.amsl_m.tolist(),
            strict=True,
        ):
            for zone in self._tree.query(shapely.Point(x, y), predicate="intersects").tolist():
                lower_m, upper_m, over_sea, in_force = self._simple[zone]
                found += in_force and agl_m >= lower_m and (amsl_m if over_sea else agl_m) < upper_m
        return found

    def by_batch(self, places: Places) -> Pairs:
        """All points at once; then heights and hours of all pairs at once."""
        points = shapely.points(places.longitude_deg, places.latitude_deg)
        row, zone = self._tree.query(points, predicate="intersects")
        held = self._zones.in_force[zone] & (places.agl_m[row] >= self._zones.lower_m[zone])
        held &= np.where(self._zones.over_sea[zone], places.amsl_m[row], places.agl_m[row]) < self._zones.upper_m[zone]
        return row[held], zone[held]


class PostGis:
    """A table of zones in PostGIS, with an index, asked in batches over one connection."""

    def __init__(self, connection: psycopg.Connection[Any], zones: Table) -> None:
        self._connection = connection
        self._run_time = Path(f"/proc/{connection.info.backend_pid}/schedstat")
        connection.execute(_TABLE)
        columns = zones.lower_m, zones.upper_m, zones.over_sea, zones.in_force
        with connection.cursor().copy("copy zone from stdin") as copy:
            for number, (area, *rest) in enumerate(
                zip(shapely.to_wkb(zones.area, hex=True).tolist(), *(each.tolist() for each in columns), strict=True)
            ):
                copy.write_row((number, area, *rest))
        connection.execute("create index on zone using gist (area)")
        connection.execute("analyze zone")

    @property
    def versions(self) -> str:
        """Of PostgreSQL, PostGIS and GEOS."""
        server = self._connection.execute(
            "select current_setting('server_version'), postgis_lib_version(), postgis_geos_version()"
        )
        return "PostgreSQL {}, PostGIS {}, GEOS {}".format(*server.fetchone() or ("?", "?", "?"))

    def cpu_s(self) -> float:
        """CPU seconds of the server's process for this connection, from the nanoseconds that Linux keeps."""
        return int(self._run_time.read_text(encoding="ascii").split()[0]) / 1e9

    def by_batch(self, places: Places) -> Pairs:
        """All points in one statement, prepared on first use, its result in binary."""
        columns = places.longitude_deg, places.latitude_deg, places.agl_m, places.amsl_m
        with self._connection.cursor(binary=True) as cursor:
            found = cursor.execute(_ASK, [each.tolist() for each in columns], prepare=True).fetchall()
        row, zone = np.array(found, dtype=np.intp).reshape(-1, 2).T
        return row, zone


def postgis_programs() -> Path | str:
    """The folder of a PostgreSQL server that has PostGIS, or why there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        version = folder.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return folder
    return "Debian's postgresql-15-postgis-3 is not installed"


@contextmanager
def postgis_server(programs: Path) -> Iterator[psycopg.Connection[Any]]:
    """A server of our own in a temporary folder, reached through a socket there; a connection to it."""
    folder = Path(tempfile.mkdtemp(prefix="zones-bench-"))
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user is not None:
        known = pwd.getpwnam(user)
        os.chown(folder, known.pw_uid, known.pw_gid)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c port={_SOCKET_PORT}"
    quick = "-c fsync=off -c jit=off -c shared_buffers=256MB -c autovacuum=off"
    try:
        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{settings} {quick}", "start")
        try:
            with psycopg.connect(
                host=str(folder), port=_SOCKET_PORT, user="postgres", dbname="postgres", autocommit=True
            ) as connection:
                yield connection
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

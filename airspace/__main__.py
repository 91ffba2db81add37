"""The command line: names, options and help. What a command does stands in airspace/commands.

What an option may be stands in commands/values.py; how a fault of usage is told, and every exit code, in usage.py.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from airspace import app as composition
from airspace.commands import check, dashboards, decode, doctor, notices, plot, replay, serve, simulate, stats, values
from airspace.commands.usage import CommandLine
from airspace.model.notice import NoticeState
from airspace.model.privacy import Mode

cli = typer.Typer(
    cls=CommandLine,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Drone airspace monitor.",
)
zones_cli = typer.Typer(no_args_is_help=True, help="Check and ask zone files.")
notices_cli = typer.Typer(no_args_is_help=True, help="Check, store and list notices.")
stats_cli = typer.Typer(no_args_is_help=True, help="Statistics by the stated definition.")
dashboards_cli = typer.Typer(no_args_is_help=True, help="Grafana dashboards.")
plot_cli = typer.Typer(no_args_is_help=True, help="Pictures of what was made.")
cli.add_typer(zones_cli, name="zones")
cli.add_typer(notices_cli, name="notices")
cli.add_typer(stats_cli, name="stats")
cli.add_typer(dashboards_cli, name="dashboards")
cli.add_typer(plot_cli, name="plot")

_recording = values.source("capture.pcap", stdin=True)
_config = values.source("airspace.toml")
_zone_file = values.source("zones.json")
_PLACE = "airspace zones at 52.3144 4.9419 --zones zones.json"
_DATUMS = ("agl", "amsl", "wgs84")
_lines = values.target("out.jsonl")
_aircraft = values.whole(0, simulate.MOST_AIRCRAFT, "aircraft", "10")

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILES...", parser=_recording, help="Recordings; - reads standard input.", show_default=False
    ),
]
Checked = Annotated[list[Path], typer.Argument(metavar="FILES...", show_default=False)]
Config = Annotated[Path, typer.Option("--config", parser=_config, help="The TOML file.", show_default=False)]
MaybeConfig = Annotated[Path | None, typer.Option("--config", parser=_config, help="The TOML file.")]
Zones = Annotated[
    list[Path] | None,
    typer.Option("--zones", parser=_zone_file, help="Zone file of any known format; may be given again."),
]
ReceiverTime = Annotated[
    str | None,
    typer.Option("--receiver-time", parser=values.moment, metavar="TIME", help="RFC 3339, for inputs without times."),
]
OneZone = Annotated[str | None, typer.Option("--zone", metavar="ID", help="Zone id.")]
FirstDay = Annotated[date, typer.Option("--from", parser=values.day, metavar="DAY", help="Local day, YYYY-MM-DD.")]
LastDay = Annotated[date, typer.Option("--to", parser=values.day, metavar="DAY", help="Local day, inclusive.")]
StatsFormat = Annotated[
    str,
    typer.Option("--format", parser=values.word(*stats.FORMATS), metavar="|".join(stats.FORMATS), help="Of output."),
]


@cli.command("demo", epilog="For example: airspace demo")
def demo(
    seconds: Annotated[
        float | None,
        typer.Option("--for", parser=values.number(0.0, 1e6, "seconds", "60"), help="Stop after so many seconds."),
    ] = None,
    speed: Annotated[
        float, typer.Option(parser=values.number(0.1, 60.0, "speeds", "4"), help="Story seconds in one second.")
    ] = 1.0,
    port: Annotated[
        int, typer.Option(parser=values.whole(0, 65535, "ports", "8480"), help="Of the console; 0 takes a free one.")
    ] = 8480,
) -> None:
    """Play the match evening at the ArenA on embedded parts, with the console."""
    serve.demo(seconds, speed, port)


@cli.command("run", epilog="For example: airspace run --config airspace.toml")
def run(config: Config) -> None:
    """Run the service."""
    serve.run(config)


@cli.command("doctor", epilog="For example: airspace doctor --config airspace.toml")
def doctor_command(
    config: Config, as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of lines.")] = False
) -> None:
    """Try every configured part; say what is wrong and how to mend it."""
    doctor.doctor(config, as_json=as_json)


@cli.command("decode", epilog="For example: airspace decode capture.pcap")
def decode_command(
    files: Files,
    format_name: Annotated[
        str,
        typer.Option(
            "--format", parser=values.word(*composition.FORMATS), help=f"One of {', '.join(composition.FORMATS)}."
        ),
    ] = "auto",
    receiver_time: ReceiverTime = None,
    rejects: Annotated[Path | None, typer.Option(parser=_lines, help="Refused messages as JSON lines.")] = None,
) -> None:
    """Print recordings as detection lines."""
    decode.decode(files, format_name, receiver_time, rejects)


@cli.command("replay", epilog="For example: airspace replay capture.pcap --zones zones.json --notices today.csv")
def replay_command(
    files: Files,
    config: MaybeConfig = None,
    zones: Zones = None,
    notices: Annotated[
        list[Path] | None,
        typer.Option("--notices", parser=values.source("today.csv"), help="Notice file; may be given again."),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            parser=values.word(*Mode),
            metavar="|".join(Mode),
            help="Privacy mode; else the configuration's, else statistics.",
        ),
    ] = None,
    batch: Annotated[int, typer.Option(parser=values.whole(1, 65536, "rows", "1024"), help="Rows of a batch.")] = 1024,
    receiver_time: ReceiverTime = None,
    alerts: Annotated[Path | None, typer.Option(parser=_lines, help="Alert lines; else standard output.")] = None,
    tracks: Annotated[
        Path | None,
        typer.Option(
            parser=values.target("tracks.geojson"), help="Tracks with their ways: lines, or a map by .geojson."
        ),
    ] = None,
    flights: Annotated[Path | None, typer.Option(parser=_lines, help="Flight lines.")] = None,
) -> None:
    """Run the whole chain over recordings, in memory."""
    request = composition.ReplayRequest(
        files=files,
        config=config,
        zones=zones or [],
        notices=notices or [],
        mode=None if mode is None else Mode(mode),
        batch=batch,
        receiver_time=receiver_time,
    )
    replay.replay(request, alerts, tracks, flights)


@cli.command("simulate", epilog="For example: airspace simulate --out made-up.jsonl --truth truth.jsonl")
def simulate_command(
    out: Annotated[
        Path, typer.Option(parser=values.target("made-up.jsonl"), help="What sensors report, for decode and replay.")
    ],
    seed: Annotated[
        int,
        typer.Option(parser=values.whole(0, (1 << 63) - 1, "seeds", "7"), help="The same seed gives the same bytes."),
    ] = 1,
    aircraft: Annotated[int, typer.Option(parser=_aircraft, help="That send Remote ID.")] = 10,
    length_s: Annotated[
        int, typer.Option("--seconds", parser=values.whole(1, simulate.MOST_S, "seconds", "120"), help="How long.")
    ] = 120,
    silent: Annotated[
        int, typer.Option(parser=_aircraft, help="Aircraft without Remote ID; direction finders hear them.")
    ] = 0,
    ghosts: Annotated[int, typer.Option(parser=_aircraft, help="Forged aircraft, all out of one transmitter.")] = 0,
    truth: Annotated[
        Path | None,
        typer.Option(parser=values.target("truth.jsonl"), help="Where everything really was, as JSON lines."),
    ] = None,
    sensors: Annotated[
        Path | None, typer.Option(parser=values.target("sensors.toml"), help="The sensors' tables for a configuration.")
    ] = None,
) -> None:
    """Make flights up, seeded, with the truth beside them."""
    simulate.simulate(seed, aircraft, length_s, silent, ghosts, out, truth, sensors)


@plot_cli.command("tracks", epilog="For example: airspace plot tracks tracks.geojson -o tracks.png")
def plot_tracks(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            parser=values.source("tracks.geojson"),
            help="What replay --tracks wrote.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", parser=values.target("tracks.png"), help="The picture, PNG.")],
    truth: Annotated[
        Path | None,
        typer.Option(parser=values.source("truth.jsonl"), help="What simulate --truth wrote."),
    ] = None,
    detections: Annotated[
        Path | None, typer.Option(parser=values.source("detections.jsonl"), help="What decode printed.")
    ] = None,
) -> None:
    """Draw tracks, with truth and detections under them."""
    plot.tracks(file, out, truth, detections)


@zones_cli.command("check", epilog="For example: airspace zones check zones.json")
def zones_check(files: Checked) -> None:
    """Validate zone files: counts, and warnings with the zone's id."""
    check.zones(files)


@zones_cli.command(
    "at",
    context_settings={"ignore_unknown_options": True},
    epilog="For example: airspace zones at 52.3144 4.9419 --zones zones.json",
)
def zones_at(
    latitude: Annotated[
        float,
        typer.Argument(
            metavar="LAT", parser=values.number(-90.0, 90.0, "degrees of latitude", _PLACE), show_default=False
        ),
    ],
    longitude: Annotated[
        float,
        typer.Argument(
            metavar="LON", parser=values.number(-180.0, 180.0, "degrees of longitude", _PLACE), show_default=False
        ),
    ],
    height_m: Annotated[
        float | None, typer.Option("--height-m", parser=values.number(-1000.0, 100_000.0, "metres", "50"))
    ] = None,
    datum: Annotated[
        str, typer.Option(parser=values.word(*_DATUMS), metavar="|".join(_DATUMS), help="What the height is over.")
    ] = "agl",
    time: Annotated[str | None, typer.Option(parser=values.moment, metavar="TIME", help="RFC 3339; else now.")] = None,
    zones: Zones = None,
) -> None:
    """Print every zone at a place and time, and the answer for an Open-category flight, with reasons.

    Exit code 1 where the zone files have no answer: there are none, they do not cover the place, or are not valid then.
    """
    check.zones_at(latitude, longitude, height_m, datum, time, zones or [])


@zones_cli.command(
    "export", epilog="For example: airspace zones export --zones zones.json --format ed318 --out zones-ed318.json"
)
def zones_export(
    zones: Zones = None,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            parser=values.word(*composition.ZONE_EXPORTS),
            help=f"One of {', '.join(composition.ZONE_EXPORTS)}.",
        ),
    ] = "geojson",
    out: Annotated[
        Path | None, typer.Option(parser=values.target("zones-ed318.json"), help="A file; else standard output.")
    ] = None,
) -> None:
    """Write zones in another format."""
    check.zones_export(zones or [], format_name, out)


@notices_cli.command("check", epilog="For example: airspace notices check today.csv")
def notices_check(files: Checked) -> None:
    """Validate notice files."""
    notices.check(files)


@notices_cli.command("import", epilog="For example: airspace notices import today.csv --config airspace.toml")
def notices_import(files: Checked, config: Config) -> None:
    """Store the notices of files; the same file again changes nothing."""
    notices.take(files, config)


@notices_cli.command("list", epilog="For example: airspace notices list --config airspace.toml")
def notices_list(
    config: Config,
    state: Annotated[
        list[str] | None,
        typer.Option(parser=values.word(*NoticeState), help=f"{', '.join(NoticeState)}; may be given again."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", parser=values.moment, metavar="TIME", help="RFC 3339; else now.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", parser=values.moment, metavar="TIME", help="RFC 3339; else a day later.")
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", parser=values.word(*notices.FORMATS), metavar="|".join(notices.FORMATS))
    ] = "table",
) -> None:
    """List notices of now and the next day, or of another time."""
    notices.show(config, state or [], first, last, format_name)


@stats_cli.command(
    "daily", epilog="For example: airspace stats daily --from 2026-05-01 --to 2026-05-31 --config airspace.toml"
)
def stats_daily(
    config: Config,
    first: FirstDay,
    last: LastDay,
    zone: OneZone = None,
    format_name: StatsFormat = "table",
) -> None:
    """Flights, unauthorised flights and the rest, a day a line."""
    stats.show("daily", config, first, last, zone, format_name)


@stats_cli.command(
    "monthly", epilog="For example: airspace stats monthly --from 2026-01-01 --to 2026-12-31 --config airspace.toml"
)
def stats_monthly(
    config: Config,
    first: FirstDay,
    last: LastDay,
    zone: OneZone = None,
    format_name: StatsFormat = "table",
) -> None:
    """The same, a month a line."""
    stats.show("monthly", config, first, last, zone, format_name)


@dashboards_cli.command("push", epilog="For example: airspace dashboards push --config airspace.toml")
def dashboards_push(config: Config) -> None:
    """Put folder, data source and dashboards into Grafana over its HTTP API."""
    dashboards.push(config)


@dashboards_cli.command("render", epilog="For example: airspace dashboards render --out grafana-provisioning")
def dashboards_render(
    out: Annotated[Path, typer.Option(parser=values.folder("grafana-provisioning"), help="Folder to write to.")] = Path(
        "grafana-provisioning"
    ),
) -> None:
    """Write the same as provisioning files."""
    dashboards.render(out)


def main() -> None:
    """The entry point of the console script."""
    cli(prog_name="airspace")


if __name__ == "__main__":
    main()

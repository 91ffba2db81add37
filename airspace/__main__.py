"""The command line: names, options and help. What a command does stands in airspace/commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from airspace import app as composition
from airspace.commands import check, dashboards, decode, doctor, notices, plot, replay, serve, simulate, stats
from airspace.model.privacy import Mode

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Drone airspace monitor."
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

Files = Annotated[list[Path], typer.Argument(help="Recordings; - reads standard input.", show_default=False)]
Config = Annotated[Path, typer.Option("--config", help="The TOML file.", show_default=False)]
MaybeConfig = Annotated[Path | None, typer.Option("--config", help="The TOML file.")]
Zones = Annotated[list[Path] | None, typer.Option("--zones", help="Zone file of any known format; may be given again.")]


@cli.command("demo")
def demo(
    seconds: Annotated[float | None, typer.Option("--for", help="Stop after so many seconds.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=60, help="Story seconds in one second.")] = 1.0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the console; 0 takes a free one.")] = 8480,
) -> None:
    """Play the match evening at the ArenA on embedded parts, with the console."""
    serve.demo(seconds, speed, port)


@cli.command("run")
def run(config: Config) -> None:
    """Run the service."""
    serve.run(config)


@cli.command("doctor")
def doctor_command(
    config: Config, as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of lines.")] = False
) -> None:
    """Try every configured part; say what is wrong and how to mend it."""
    doctor.doctor(config, as_json=as_json)


@cli.command("decode")
def decode_command(
    files: Files,
    format_name: Annotated[str, typer.Option("--format", help=f"One of {', '.join(composition.FORMATS)}.")] = "auto",
    receiver_time: Annotated[str | None, typer.Option(help="RFC 3339, for inputs without times.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Refused messages as JSON lines.")] = None,
) -> None:
    """Print recordings as detection lines."""
    decode.decode(files, format_name, receiver_time, rejects)


@cli.command("replay")
def replay_command(
    files: Files,
    config: MaybeConfig = None,
    zones: Zones = None,
    notices: Annotated[list[Path] | None, typer.Option("--notices", help="Notice file; may be given again.")] = None,
    mode: Annotated[Mode | None, typer.Option(help="Privacy mode; else the configuration's, else statistics.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=65536, help="Rows of a batch.")] = 1024,
    receiver_time: Annotated[str | None, typer.Option(help="RFC 3339, for inputs without times.")] = None,
    alerts: Annotated[Path | None, typer.Option(help="Alert lines; else standard output.")] = None,
    tracks: Annotated[Path | None, typer.Option(help="Tracks with their ways: lines, or a map by .geojson.")] = None,
    flights: Annotated[Path | None, typer.Option(help="Flight lines.")] = None,
) -> None:
    """Run the whole chain over recordings, in memory."""
    request = composition.ReplayRequest(
        files=files,
        config=config,
        zones=zones or [],
        notices=notices or [],
        mode=mode,
        batch=batch,
        receiver_time=receiver_time,
    )
    replay.replay(request, alerts, tracks, flights)


@cli.command("simulate")
def simulate_command(
    out: Annotated[Path, typer.Option(help="What sensors report, for decode and replay.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    aircraft: Annotated[int, typer.Option(min=0, help="That send Remote ID.")] = 10,
    length_s: Annotated[int, typer.Option("--seconds", min=1, max=3600, help="How long.")] = 120,
    silent: Annotated[int, typer.Option(min=0, help="Aircraft without Remote ID; direction finders hear them.")] = 0,
    ghosts: Annotated[int, typer.Option(min=0, help="Forged aircraft, all out of one transmitter.")] = 0,
    truth: Annotated[Path | None, typer.Option(help="Where everything really was, as JSON lines.")] = None,
    sensors: Annotated[Path | None, typer.Option(help="The sensors' tables for a configuration.")] = None,
) -> None:
    """Make flights up, seeded, with the truth beside them."""
    simulate.simulate(seed, aircraft, length_s, silent, ghosts, out, truth, sensors)


@plot_cli.command("tracks")
def plot_tracks(
    file: Annotated[Path, typer.Argument(help="What replay --tracks wrote.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="The picture, PNG.")],
    truth: Annotated[Path | None, typer.Option(help="What simulate --truth wrote.")] = None,
    detections: Annotated[Path | None, typer.Option(help="What decode printed.")] = None,
) -> None:
    """Draw tracks, with truth and detections under them."""
    plot.tracks(file, out, truth, detections)


@zones_cli.command("check")
def zones_check(files: Annotated[list[Path], typer.Argument(show_default=False)]) -> None:
    """Validate zone files: counts, and warnings with the zone's id."""
    check.zones(files)


@zones_cli.command("at", context_settings={"ignore_unknown_options": True})
def zones_at(
    latitude: Annotated[float, typer.Argument(min=-90, max=90, show_default=False)],
    longitude: Annotated[float, typer.Argument(min=-180, max=180, show_default=False)],
    height_m: Annotated[float | None, typer.Option("--height-m")] = None,
    datum: Annotated[str, typer.Option(help="agl, amsl or wgs84.")] = "agl",
    time: Annotated[str | None, typer.Option(help="RFC 3339; else now.")] = None,
    zones: Zones = None,
) -> None:
    """Print every zone at a place and time, and the answer for an Open-category flight, with reasons."""
    check.zones_at(latitude, longitude, height_m, datum, time, zones or [])


@zones_cli.command("export")
def zones_export(
    zones: Zones = None,
    format_name: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(composition.ZONE_EXPORTS)}.")
    ] = "geojson",
    out: Annotated[Path | None, typer.Option(help="A file; else standard output.")] = None,
) -> None:
    """Write zones in another format."""
    check.zones_export(zones or [], format_name, out)


@notices_cli.command("check")
def notices_check(files: Annotated[list[Path], typer.Argument(show_default=False)]) -> None:
    """Validate notice files."""
    notices.check(files)


@notices_cli.command("import")
def notices_import(files: Annotated[list[Path], typer.Argument(show_default=False)], config: Config) -> None:
    """Store the notices of files; the same file again changes nothing."""
    notices.take(files, config)


@notices_cli.command("list")
def notices_list(
    config: Config,
    state: Annotated[list[str] | None, typer.Option(help="requested, approved, ...; may be given again.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="RFC 3339; else now.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="RFC 3339; else a day later.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """List notices of now and the next day, or of another time."""
    notices.show(config, state or [], first, last, format_name)


@stats_cli.command("daily")
def stats_daily(
    config: Config,
    first: Annotated[str, typer.Option("--from", help="Local day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Local day, inclusive.")],
    zone: Annotated[str | None, typer.Option(help="Zone id.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Flights, unauthorised flights and the rest, a day a line."""
    stats.show("daily", config, first, last, zone, format_name)


@stats_cli.command("monthly")
def stats_monthly(
    config: Config,
    first: Annotated[str, typer.Option("--from", help="Local day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Local day, inclusive.")],
    zone: Annotated[str | None, typer.Option(help="Zone id.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """The same, a month a line."""
    stats.show("monthly", config, first, last, zone, format_name)


@dashboards_cli.command("push")
def dashboards_push(config: Config) -> None:
    """Put folder, data source and dashboards into Grafana over its HTTP API."""
    dashboards.push(config)


@dashboards_cli.command("render")
def dashboards_render(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("grafana-provisioning"),
) -> None:
    """Write the same as provisioning files."""
    dashboards.render(out)


def main() -> None:
    """The entry point of the console script."""
    cli(prog_name="airspace")


if __name__ == "__main__":
    main()

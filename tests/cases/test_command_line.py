"""Every command and every option, with what it can take and what it cannot: a code and one line, never a traceback.

The tables are held against the command line itself: an option that nobody tried makes a test fail.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from airspace.__main__ import cli
from airspace.commands import check, values
from airspace.demo import examples, facts
from airspace.model.lines import detection_lines
from tests.airspace.rows import flight, rows
from tests.cases import given

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
LINE = msgspec.json.encode(detection_lines(rows(*flight("1ZZZ5AAAAA", 1)))[0]).decode() + "\n"
DAYS = ["--from", "2026-05-01", "--to", "2026-05-31"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a file of each kind, where the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRSPACE_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    (tmp_path / "heard.jsonl").write_text(LINE)
    (tmp_path / "zones.json").write_bytes(facts.zones())
    (tmp_path / "today.csv").write_text(examples.godrone())
    (tmp_path / "down.toml").write_text(f'[database]\nurl = "{NOWHERE}"\n[console]\nport = 0\n')
    (tmp_path / "unknown.toml").write_text("[console]\nprot = 8480\n")
    (tmp_path / "range.toml").write_text("[console]\nlatitude_deg = nan\n")
    (tmp_path / "junk.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()


DOWN = ["--config", "down.toml"]
COMMANDS: dict[str, list[str]] = {  # command: the rest of a line that is right, but for what a test changes
    "demo": [],
    "run": DOWN,
    "doctor": DOWN,
    "decode": ["heard.jsonl"],
    "replay": ["heard.jsonl", "--alerts", "alerts.jsonl"],
    "simulate": ["--out", "made.jsonl", "--seconds", "1", "--aircraft", "1"],
    "plot tracks": ["heard.jsonl", "--out", "tracks.png"],
    "zones check": ["zones.json"],
    "zones at": ["52.3144", "4.9419", "--zones", "zones.json"],
    "zones export": ["--zones", "zones.json"],
    "notices check": ["today.csv"],
    "notices import": ["today.csv", *DOWN],
    "notices list": DOWN,
    "stats daily": [*DAYS, *DOWN],
    "stats monthly": [*DAYS, *DOWN],
    "dashboards push": DOWN,
    "dashboards render": ["--out", "grafana"],
}
MISSING, FOLDER, NO_FOLDER = "gone.json", "folder", "nowhere/out.json"
SOURCE, TARGET = {MISSING: 1, FOLDER: 1}, {FOLDER: 1, NO_FOLDER: 1}
TIMES = ("foo", "2026-05-01", "2026-05-01T12:00:00", "2026-13-01T12:00:00Z", "25:00", "", "2026-02-30T12:00:00Z")
WHOLE = dict.fromkeys(("x", "1.5", "-1", "nan", "", "1e3"), 2)
TIME = dict.fromkeys(TIMES, 2)
DAY = dict.fromkeys(("foo", "2026-02-30", "30-05-2026", "2026-5", "", "2026-05-01T12:00:00Z"), 2)
NUMBER = dict.fromkeys(("x", "nan", "inf", "-inf", "1e9", "", "12,5"), 2)
WORD = dict.fromkeys(("x", "", "ag l", "téxt"), 2)
CONFIG = {MISSING: 1, FOLDER: 1}
STATS = {"--from": DAY, "--to": DAY, "--format": WORD, "--config": CONFIG, "--zone": {}}
BAD: dict[str, dict[str, dict[str, int]]] = {  # option: value to exit code
    "demo": {"--for": NUMBER, "--speed": NUMBER | {"0": 2}, "--port": WHOLE | {"65536": 2}},
    "run": {"--config": CONFIG},
    "doctor": {"--config": CONFIG, "--json": {}},
    "decode": {"FILES": SOURCE, "--format": WORD, "--receiver-time": TIME, "--rejects": TARGET},
    "replay": {
        "FILES": SOURCE,
        "--config": CONFIG,
        "--zones": SOURCE,
        "--notices": SOURCE,
        "--mode": WORD,
        "--batch": WHOLE | {"0": 2, "65537": 2},
        "--receiver-time": TIME,
        "--alerts": TARGET,
        "--tracks": TARGET,
        "--flights": TARGET,
    },
    "simulate": {
        "--out": TARGET,
        "--seed": WHOLE,
        "--aircraft": WHOLE | {"10001": 2},
        "--seconds": WHOLE | {"0": 2, "3601": 2},
        "--silent": WHOLE,
        "--ghosts": WHOLE,
        "--truth": TARGET,
        "--sensors": TARGET,
    },
    "plot tracks": {"FILE": SOURCE, "--out": TARGET, "--truth": SOURCE, "--detections": SOURCE},
    "zones check": {"FILES": {}},
    "zones at": {
        "LAT": NUMBER | {"90.1": 2, "-91": 2},
        "LON": NUMBER | {"180.1": 2, "-181": 2},
        "--height-m": NUMBER,
        "--datum": WORD,
        "--time": TIME,
        "--zones": SOURCE,
    },
    "zones export": {"--zones": SOURCE, "--format": WORD | {"kml": 2}, "--out": TARGET},
    "notices check": {"FILES": {}},
    "notices import": {"FILES": {}, "--config": CONFIG},
    "notices list": {"--config": CONFIG, "--state": WORD, "--from": TIME, "--to": TIME, "--format": WORD | {"csv": 2}},
    "stats daily": STATS,
    "stats monthly": STATS,
    "dashboards push": {"--config": CONFIG},
    "dashboards render": {"--out": {"heard.jsonl": 1}},
}


def leaves(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    for word, each in command.commands.items():
        whole = f"{name} {word}".strip()
        yield from leaves(each, whole) if hasattr(each, "commands") else [(whole, each)]


def run(command: str, *words: str) -> given.Answer:
    return given.airspace(*command.split(), *words)


def is_one_line(answer: given.Answer) -> bool:
    return answer.err.startswith("airspace: ") and answer.err.count("\n") == 1 and "Traceback" not in answer.err


def test_every_option_of_every_command_is_tried() -> None:
    found = {
        name: {
            max((word for word in each.opts if word.startswith("-")), key=len, default=str(each.metavar).rstrip("."))
            for each in command.params
            if each.name != "help"
        }
        for name, command in leaves(get_command(cli))
    }
    assert found == {name: set(options) for name, options in BAD.items()}
    assert set(COMMANDS) == set(BAD)


CASES = [
    pytest.param(command, option, value, code, id=f"{command} {option} {value!r}")
    for command, options in BAD.items()
    for option, bad in options.items()
    for value, code in bad.items()
]


@pytest.mark.parametrize(("command", "option", "value", "code"), CASES)
def test_a_bad_value_is_told_with_its_option_and_an_example(command: str, option: str, value: str, code: int) -> None:
    words = list(COMMANDS[command])
    if option in {"LAT", "LON"}:
        words[("LAT", "LON").index(option)] = value
    elif option.startswith("-"):
        words += [option, value]
    else:
        words[0] = value
    answer = run(command, *words)
    assert answer.code == code, answer
    assert is_one_line(answer), answer.err
    assert f"{option} {value!r}: " in answer.err
    assert "for example: " in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("command", [name for name, words in COMMANDS.items() if words])
def test_what_is_missing_is_named_with_a_whole_example(command: str) -> None:
    answer = run(command)
    if command == "dashboards render":
        assert answer.code == 0
        return
    if command == "zones check":
        assert "FILES is missing; for example: airspace zones check zones.json" in answer.err
    assert answer.code == 2
    assert is_one_line(answer), answer.err
    assert " is missing; for example: " in answer.err


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_does_not_exist_is_named(command: str) -> None:
    answer = run(command, *COMMANDS[command], "--nonsense", "x")
    assert answer.code == 2
    assert is_one_line(answer), answer.err
    assert "no such option: --nonsense" in answer.err
    assert f"for example: airspace {command}" in answer.err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_a_command_is_one(command: str) -> None:
    """Its options exist, and each that is needed is there."""
    made = dict(leaves(get_command(cli)))[command]
    words = made.epilog.removeprefix("For example: airspace ").removeprefix(command).split()
    options = {word for each in made.params for word in each.opts}
    assert {word for word in words if word.startswith("-")} <= options
    needed = {word for each in made.params if each.required for word in each.opts if word.startswith("--")}
    assert {word for word in needed if word not in words} <= {"--out"}
    assert run(command, "--help").code == 0


@pytest.mark.parametrize(
    ("command", "words", "code", "told"),
    [
        ("decode", ["-", "-"], 2, "'-' is standard input, which can be read once"),
        ("decode", ["heard.jsonl", "--rejects", "heard.jsonl"], 2, "--rejects 'heard.jsonl' would write over FILES"),
        ("decode", ["heard.jsonl", "--rejects", "./heard.jsonl"], 2, "would write over FILES"),
        ("replay", ["heard.jsonl", "--alerts", "heard.jsonl"], 2, "--alerts 'heard.jsonl' would write over FILES"),
        ("replay", ["heard.jsonl", "--alerts", "a", "--tracks", "a"], 2, "--tracks 'a' would write over --alerts"),
        ("replay", ["heard.jsonl", "--zones", "zones.json", "--flights", "zones.json"], 2, "would write over --zones"),
        ("simulate", ["--out", "a", "--truth", "a"], 2, "--truth 'a' would write over --out"),
        ("zones export", ["--zones", "zones.json", "--out", "zones.json"], 2, "--out 'zones.json' would write over"),
        ("plot tracks", ["heard.jsonl", "--out", "heard.jsonl"], 2, "--out 'heard.jsonl' would write over FILE"),
        ("stats daily", ["--from", "2026-05-02", "--to", "2026-05-01", *DOWN], 2, "--from 2026-05-02 lies after --to"),
        ("stats monthly", ["--from", "2027-01-01", "--to", "2026-05-01", *DOWN], 2, "--from 2027-01-01 lies after"),
        (
            "notices list",
            ["--from", "2026-05-02T00:00:00Z", "--to", "2026-05-01T00:00:00Z", *DOWN],
            2,
            "--from 2026-05-02T00:00:00Z lies after --to",
        ),
        ("zones at", ["52.3144"], 2, "LON is missing"),
        ("zones at", ["52.3144", "4.9", "5.0"], 2, "extra argument"),
        ("zones at", ["52.3144", "4.9", "--zones"], 2, "'--zones' requires an argument"),
        ("nonsense", [], 2, "no such command 'nonsense'"),
        ("zones nonsense", [], 2, "no such command 'nonsense'"),
        ("zones at", ["52.3144", "4.9419", "--zones", "junk.bin"], 1, "junk.bin: not a zone file"),
        ("zones at", ["52.3144", "4.9419", "--zones", "empty"], 1, "empty: not a zone file"),
        ("replay", ["heard.jsonl", "--zones", "junk.bin"], 1, "junk.bin: not a zone file"),
        ("replay", ["heard.jsonl", "--notices", "junk.bin"], 1, "junk.bin"),
        ("replay", ["heard.jsonl", "--config", "junk.bin"], 1, "junk.bin: not TOML"),
        ("run", ["--config", "unknown.toml"], 1, "unknown.toml: there is no key console.prot"),
        ("run", ["--config", "range.toml"], 1, "range.toml: $.console.latitude_deg: expected float"),
        ("run", ["--config", "empty"], 1, "no pseudonym key"),
        ("dashboards push", ["--config", "empty"], 1, "grafana.url is not set"),
        ("stats daily", [*DAYS, "--config", "empty"], 1, "database: set url, url_env, or folder"),
        ("stats daily", [*DAYS, *DOWN], 3, "the database does not answer"),
        ("stats monthly", [*DAYS, *DOWN, "--zone", "x"], 3, "the database does not answer"),
        ("notices list", DOWN, 3, "the database does not answer"),
        ("notices import", ["today.csv", *DOWN], 3, "the database does not answer"),
    ],
)
def test_a_fault_is_one_line(
    command: str, words: list[str], code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if told == "no pseudonym key":
        monkeypatch.delenv("AIRSPACE_PSEUDONYM_KEY")
    before = {path: path.read_bytes() for path in Path.cwd().iterdir() if path.is_file()}
    answer = run(command, *words)
    assert answer.code == code, answer
    assert is_one_line(answer), answer.err
    assert told in answer.err
    assert {path: path.read_bytes() for path in before} == before  # nothing is written where a command fails


@pytest.mark.parametrize("command", ["zones check", "notices check"])
@pytest.mark.parametrize("bad", ["junk.bin", "empty", "gone.json", "folder"])
def test_one_file_at_fault_does_not_hide_the_others(command: str, bad: str) -> None:
    good = COMMANDS[command][0]
    answer = run(command, bad, good)
    assert answer.code == 1
    assert answer.err == "airspace: 1 of 2 files cannot be used\n"
    first, second, *_ = answer.out.splitlines()
    assert first.startswith(f"{bad}: cannot be used: ")
    assert "Errno" not in first
    assert first.count(f"{bad}:") == 1
    assert second.startswith(f"{good}: ")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("decode", ["heard.jsonl", "--format", "own", "--receiver-time", "2026-05-01T12:00:00+02:00"]),
        ("decode", ["empty", "--receiver-time", "2026-05-01T12:00:00Z"]),
        ("replay", ["heard.jsonl", "--mode", "ENFORCEMENT", "--batch", "1", "--alerts", "a", "--tracks", "t.geojson"]),
        ("zones at", ["52.3144", "4.9419", "--zones", "zones.json", "--height-m", "-5", "--datum", "AMSL"]),
        ("zones export", ["--zones", "zones.json", "--format", "ED318", "--out", "other.json"]),
        ("simulate", ["--out", "/dev/null", "--truth", "/dev/null", "--seconds", "1", "--aircraft", "0"]),
        ("dashboards render", ["--out", "new/folder"]),
    ],
)
def test_what_can_be_taken_is_taken(command: str, words: list[str]) -> None:
    answer = run(command, *words)
    assert answer.code == 0, answer


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["junk.bin"], 1),
        (["zones.json"], 1),
        (["junk.bin", "zones.json"], 1),
        (["junk.bin", "heard.jsonl"], 0),
        (["empty"], 0),
    ],
)
def test_what_holds_nothing_that_is_known_is_no_recording(words: list[str], code: int) -> None:
    answer = run("decode", *words)
    assert answer.code == code, answer
    assert ("no recording of a known format" in answer.err) is (code == 1)
    assert " refused" in answer.err


def test_negative_places_are_no_options() -> None:
    answer = run("zones at", "-33.1", "-151.2", "--zones", "zones.json")
    assert (answer.code, answer.json()["latitude_deg"], answer.json()["longitude_deg"]) == (0, -33.1, -151.2)


# how a command ends that did not mean to


def fails_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(check, "zones", fail)


@pytest.mark.parametrize(
    "error", [KeyError("x"), RuntimeError("two\nlines"), ZeroDivisionError(), RecursionError("deep")]
)
def test_a_fault_of_ours_says_so(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_with(monkeypatch, error)
    answer = run("zones check", "zones.json")
    assert answer.code == 1
    assert is_one_line(answer), answer.err
    assert f"this is a fault of ours, not of what you gave: {type(error).__name__}" in answer.err
    assert "AIRSPACE_DEBUG=1 shows where" in answer.err
    monkeypatch.setenv("AIRSPACE_DEBUG", "1")
    with pytest.raises(type(error)):
        run("zones check", "zones.json")


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "airspace: stopped\n"),
        (typer.Abort(), 130, "airspace: stopped\n"),
        (OSError(28, "No space left on device"), 1, "airspace: No space left on device\n"),
        (PermissionError(13, "Permission denied", "/secret"), 1, "airspace: /secret: Permission denied\n"),
    ],
)
def test_other_ends(error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_with(monkeypatch, error)
    answer = run("zones check", "zones.json")
    assert (answer.code, answer.err) == (code, told)


@pytest.mark.parametrize("words", ["decode many.jsonl", "zones export --zones zones.json"])
def test_a_reader_that_goes_away_is_no_fault(words: str) -> None:
    Path("many.jsonl").write_text(LINE * 20_000)
    command = f"{sys.executable} -m airspace {words} | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_name_that_no_letters_can_say_is_told_all_the_same() -> None:
    made = b"caf\xe9.json".decode(errors="surrogateescape")
    Path(made).write_bytes(facts.zones())
    assert run("zones check", made).code == 0


def test_nothing_but_help_is_said_without_a_command() -> None:
    for words in ([], ["zones"], ["stats"]):
        answer = CliRunner().invoke(cli, words)
        assert answer.exit_code == 2
        assert "Usage:" in answer.output


def test_no_progress_where_nobody_looks() -> None:
    Path("many.jsonl").write_text(LINE * 5_000)
    for words in (
        ["decode", "many.jsonl"],
        ["replay", "many.jsonl", "--alerts", "a"],
        ["zones", "check", "zones.json"],
    ):
        answer = given.airspace(*words)
        assert answer.code == 0
        assert "\x1b" not in answer.out + answer.err
        assert "\r" not in answer.out + answer.err


def test_progress_is_shown_on_a_terminal_that_waits(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from airspace.commands import progress

    monkeypatch.setattr(progress, "AFTER_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress.progress("reading zones.json", 10.0) as advance:
        advance(5.0, "half of it")
        bar = advance.__self__  # type: ignore[attr-defined]
        bar._timer.join()
        bar._progress.refresh()
    told = capsys.readouterr().err
    assert "reading zones.json" in told
    assert "half of it" in told


def test_an_example_shows_values_that_can_be_taken() -> None:
    for parse, example in (
        (values.number(-90.0, 90.0, "degrees", "52"), "52"),
        (values.whole(1, 65536, "rows", "1024"), "1024"),
        (values.moment, values._MOMENT),
        (values.day, values._DAY),
    ):
        parse(example)


EMBEDDED = """[database]
folder = "made"
"""


@pytest.mark.parametrize("command", ["stats daily", "stats monthly", "notices list"])
def test_whoever_asks_makes_no_database(command: str) -> None:
    Path("embedded.toml").write_text(EMBEDDED)
    given_words = [word for word in COMMANDS[command] if word not in DOWN]
    answer = given.airspace(*command.split(), *given_words, "--config", "embedded.toml")
    assert (answer.code, answer.err) == (1, "airspace: made holds no database yet: start the service once\n")
    assert not Path("made").exists()


@pytest.mark.parametrize("more", ["", 'url_env = "NO_SUCH_VARIABLE"\n'])
def test_the_doctor_makes_no_database(more: str) -> None:
    Path("embedded.toml").write_text(EMBEDDED + more)
    answer = given.airspace("doctor", "--config", "embedded.toml")
    assert "made holds none yet" in answer.out
    assert not Path("made").exists()


@pytest.mark.parametrize("table", ["zones", "notices"])
def test_the_remedy_for_a_missing_file_is_to_put_it_there(table: str) -> None:
    Path("files.toml").write_text(f'{EMBEDDED}[{table}]\nfiles = ["gone.json"]\n')
    answer = given.airspace("doctor", "--config", "files.toml")
    assert f"put the file there, or mend [{table}] files" in answer.out
    assert f"airspace {table} check gone.json" not in answer.out
    Path("gone.json").write_text("junk")
    assert f"airspace {table} check gone.json" in given.airspace("doctor", "--config", "files.toml").out


BROKEN_START = examples.godrone().splitlines()[1].replace("2026", "20x6")


@pytest.mark.parametrize(
    ("refused", "kept", "first", "code"),
    [
        (1, False, "0 notices, 1 entry passed over", 1),
        (2, False, "0 notices, 2 entries passed over", 1),
        (1, True, "1 notice, 1 entry passed over", 0),
        (0, True, "1 notice, 0 entries passed over", 0),
    ],
)
def test_a_list_of_which_nothing_can_be_used_is_at_fault(refused: int, kept: bool, first: str, code: int) -> None:  # noqa: FBT001 a table
    head, good = examples.godrone().splitlines()[:2]
    lines = [head, *([good] if kept else []), *[f"X{number}{BROKEN_START}" for number in range(refused)]]
    Path("list.csv").write_text("\n".join(lines) + "\n")
    answer = given.airspace("notices", "check", "list.csv")
    assert answer.out.splitlines()[0] == f"list.csv: {first}"
    assert answer.code == code
    assert answer.err == ("airspace: 1 of 1 file hold no notice that can be used\n" if code else "")


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        (("4.9419", "52.3144"), "LAT and LON may be swapped: no file covers 4.9419 52.3144, one covers 52.3144 4.9419"),
        (("52.3144", "4.9419"), ""),
        (("-33.9", "151.2"), ""),  # no latitude the other way round
        (("10", "20"), ""),  # covered neither way
    ],
)
def test_a_swapped_place_is_asked_about(place: tuple[str, str], hint: str) -> None:
    answer = given.airspace("zones", "at", "--zones", "zones.json", "--", *place)
    assert ("swapped" in answer.err) == bool(hint)
    assert hint in answer.err

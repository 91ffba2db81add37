"""The Grafana channel in its place: behind the outbox of a real database, over TLS, with its health."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from airspace.app import parts
from airspace.model.alert import AlertState
from airspace.model.commit import Commit
from airspace.model.health import HealthLevel, Trouble
from airspace.model.ports import ChannelError
from airspace.service import config
from airspace.service.health import Health
from airspace.service.metrics import Metrics
from airspace.service.publish import Publisher
from airspace.store.outbox import Outbox
from airspace.store.writer import Store
from alerting.channels.grafana import GrafanaChannel
from tests.airspace.store_examples import START_S, STATISTICS, alert
from tests.servers.grafana import Recorder, recording
from tests.servers.pki import Authority, authority

PART = "channel:grafana"


def channel_to(recorder: Recorder, **keys: Any) -> GrafanaChannel:
    return parts.grafana(config.Grafana(url=recorder.url, **keys))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRSPACE_GRAFANA_TOKEN", "secret-token")
    for name in ("FIRST_RETRY_S", "LAST_RETRY_S", "IDLE_S"):
        monkeypatch.setattr(f"airspace.service.publish.{name}", 0.01)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@asynccontextmanager
async def published(url: str, recorder: Recorder) -> Any:
    """The channel's task as the service runs it; gives its health. Ended in the middle, like a process."""
    channel, health = channel_to(recorder), Health(lambda: START_S)
    async with Outbox.open(url) as outbox:
        task = asyncio.create_task(Publisher(channel, outbox, Metrics(), health).run())
        try:
            yield health
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            channel.server.close()


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - the other end is another thread
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("fault", ["sign-in page", "302", "401", "403", "404 of a proxy", "500, locked", "half", "{}"])
async def test_an_outage_is_told_with_its_reason_and_nothing_is_lost(url: str, recorder: Recorder, fault: str) -> None:
    recorder.faults["*"] = fault
    async with Store.open(url, STATISTICS) as store, published(url, recorder) as health:
        await store.commit(Commit(alerts=(alert(1), alert(1, "other"))))
        await until(lambda: len(recorder.requests) > 4)
        state = health.parts()[PART]
        assert (state.level, state.trouble) == (HealthLevel.DOWN, Trouble.CHANNEL_FAILS)
        assert "Grafana" in state.detail
        assert health.ready()  # it hides nothing
        recorder.faults.clear()
        await store.commit(Commit(alerts=(alert(2),)))
        await until(lambda: len(recorder.annotations) == 2 and health.parts()[PART].trouble is None)
    assert sorted(kept["tags"][4] for kept in recorder.annotations.values()) == ["alert:a1", "alert:other"]


async def test_an_outage_with_nothing_to_tell_is_told_too(url: str, recorder: Recorder) -> None:
    recorder.faults["*"] = "401"
    async with Store.open(url, STATISTICS), published(url, recorder) as health:
        await until(lambda: PART in health.parts() and health.parts()[PART].trouble is Trouble.CHANNEL_FAILS)
        recorder.faults.clear()
        await until(lambda: health.parts()[PART].trouble is None)


async def test_killed_again_and_again_there_is_one_annotation_an_episode(url: str, recorder: Recorder) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(alerts=(alert(1),)))
        recorder.faults["POST /api/annotations"] = "half"  # carried out, and the service ends before it knows
        for _ in range(3):
            recorder.requests.clear()
            async with published(url, recorder):
                await until(lambda: len(recorder.requests) > 2)
        recorder.faults.clear()
        closed = alert(2, state=AlertState.CLOSED, closed_s=START_S + 600.0, ended_s=START_S + 500.0)
        await store.commit(Commit(alerts=(closed,)))
        async with published(url, recorder):
            await until(lambda: not recorder.open_annotations())
    (kept,) = recorder.annotations.values()
    assert kept["timeEnd"] - kept["time"] == 500_000


async def test_after_a_restart_of_the_service_grafana_shows_what_stands(url: str, recorder: Recorder) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(alerts=(alert(1), alert(1, "other"))))
        async with published(url, recorder):
            await until(lambda: len(recorder.annotations) == 2)
        recorder.requests.clear()
        recorder.annotations.clear()  # a Grafana of yesterday's backup
        async with published(url, recorder):
            await until(lambda: recorder.pushed and recorder.pushed[-1].startswith("open all=2i"))
            await until(lambda: len(recorder.annotations) == 2)


# TLS


@pytest.fixture(scope="module", name="trusted")
def an_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def protected(trusted: Authority) -> Iterator[Recorder]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*trusted.sign("grafana"))
    with recording(tls=context) as kept:
        yield kept


async def told(recorder: Recorder, **keys: Any) -> None:
    channel = channel_to(recorder, **keys)
    try:
        await channel.refresh([], START_S)
    finally:
        channel.server.close()


async def test_an_authority_of_our_own(protected: Recorder, trusted: Authority, tmp_path: Path) -> None:
    await told(protected, tls_ca_file=str(trusted.certificate))
    assert protected.pushed
    stranger = authority(tmp_path / "stranger")
    for keys in ({}, {"tls_ca_file": str(stranger.certificate)}):
        with pytest.raises(ChannelError, match=r"grafana\.tls_ca_file") as caught:
            await told(protected, **keys)
        assert caught.value.retry


def test_files_that_are_not_there_are_named(trusted: Authority) -> None:
    gone = "/no/such.pem"
    for named in (
        config.Grafana(url="https://g/", tls_ca_file=gone),
        config.Grafana(url="https://g/", tls_certificate_file=gone),
    ):
        with pytest.raises(config.ConfigError, match=r"such\.pem"):
            parts.grafana(named)


def test_tls_keys_need_https(tmp_path: Path) -> None:
    path = tmp_path / "airspace.toml"
    path.write_text('[grafana]\nurl = "http://g:3000"\ntls_ca_file = "/ca.pem"\n')
    with pytest.raises(config.ConfigError, match="tls keys need https"):
        config.read(path)

"""Refusals that stand for many are counted as many; a flood's drops fill no quarantine."""

from __future__ import annotations

from airspace.model.commit import Commit
from airspace.model.message import RejectReason
from airspace.store.writer import Store
from tests.airspace.store_examples import ENFORCEMENT, reject
from tests.servers.postgres import rows


async def test_a_reject_counts_for_as_many_as_it_stands_for(url: str) -> None:
    told = (
        reject(1, reason=RejectReason.OVER_BUDGET, count=4000),
        reject(2, reason=RejectReason.SHUTTERED, count=7),
        reject(3, reason=RejectReason.SENSOR_ENDED, count=2),
    )
    async with Store.open(url, ENFORCEMENT) as store:
        await store.commit(Commit(rejects=told))
        await store.commit(Commit(rejects=(reject(4, reason=RejectReason.OVER_BUDGET, count=5),)))
    counts = [("over_budget", 4005), ("sensor_ended", 2), ("shuttered", 7)]
    assert rows(url, "select reason, sum(n)::int from reject_count group by 1 order by 1") == counts
    assert rows(url, "select reason from quarantine") == [("sensor_ended",)]

"""Every sign can be told in words, and a swarm is one whether its members share an address or a counter."""

from __future__ import annotations

import pytest

from airspace.model.track import Remark
from airspace.model.verdict import Kind, Reason, VerdictValue
from alerting.facts import Facts
from alerting.sentences import sentences
from tests.alerting.making import Evening, row


def told(remarks: Remark) -> tuple[str, str]:
    facts = Facts(
        kind=Kind.SPOOFING,
        value=VerdictValue.SUSPECTED,
        reason=Reason.SPOOF_SIGNS,
        rule="signal",
        rule_version="1",
        group="signal",
        track=row(remarks=int(remarks)),
    )
    return sentences(facts, 0.0)


@pytest.mark.parametrize("sign", list(Remark))
def test_every_sign_has_words_in_both_languages(sign: Remark) -> None:
    nl, en = told(sign)
    assert nl.startswith("Signaal niet betrouwbaar: ")
    assert en.startswith("Signal not reliable: ")
    assert nl.endswith(".")
    assert en.endswith(".")


def test_no_two_signs_have_the_same_words() -> None:
    for language in (0, 1):
        assert len({told(sign)[language] for sign in Remark}) == len(Remark)


@pytest.mark.parametrize("sign", [Remark.SHARED_TRANSMITTER, Remark.SHARED_COUNTER])
def test_fifteen_ghosts_of_one_sender_are_one_alert(sign: Remark) -> None:
    ghosts = [row(number, suspect=True, remarks=int(sign | Remark.SKEW)) for number in range(1, 16)]
    (swarm,) = Evening.start(*ghosts).tick(61.0)
    assert swarm.evidence["tracks"] == 15


def test_suspects_that_share_nothing_have_alerts_of_their_own() -> None:
    suspects = [row(number, suspect=True, remarks=int(Remark.SKEW | Remark.OPERATOR_FAR)) for number in range(1, 16)]
    assert len(Evening.start(*suspects).tick(61.0)) == 15

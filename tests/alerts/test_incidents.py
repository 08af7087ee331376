"""What a finding does to an incident, decided from values."""

import pytest

from alerts.incidents import Change, Decision, decide, state_after
from mentions.incidents import Finding, Incident, IncidentState
from mentions.types import Severity
from tests.making import NOW

BLUE, YELLOW, RED = Severity.BLUE, Severity.YELLOW, Severity.RED


def finding(severity: Severity, rule: str = "viral", mention_id: str = "weibo:1") -> Finding:
    return Finding(rule, "post:weibo:1:星河", severity, NOW, mention_id, "星河")


def incident(severity: Severity, state: IncidentState = IncidentState.FIRING) -> Incident:
    return Incident(1, "post:weibo:1:星河", "负面", state, severity, NOW, NOW)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (decide(finding(YELLOW), None, [], []), Decision(Change.OPENED, YELLOW)),
        (decide(finding(RED), incident(YELLOW), [finding(YELLOW)], []), Decision(Change.ROSE, RED)),
        (decide(finding(YELLOW), incident(YELLOW), [finding(YELLOW)], []), Decision(Change.KNOWN, YELLOW)),
        (decide(finding(BLUE), incident(YELLOW), [finding(YELLOW)], []), Decision(Change.KNOWN, YELLOW)),
        (decide(finding(BLUE, "words"), incident(RED), [finding(RED)], []), Decision(Change.JOINED, RED)),
        (
            decide(finding(YELLOW, mention_id="weibo:2"), incident(RED), [finding(RED)], []),
            Decision(Change.JOINED, RED),
        ),
        (
            decide(finding(YELLOW), incident(RED), [finding(BLUE), finding(RED, "words")], []),
            Decision(Change.JOINED, RED),
        ),
        (decide(finding(YELLOW), None, [], [incident(YELLOW)]), Decision(Change.SETTLED, YELLOW)),
        (decide(finding(YELLOW), None, [], [incident(BLUE), incident(RED)]), Decision(Change.SETTLED, RED)),
        (decide(finding(RED), None, [], [incident(YELLOW)]), Decision(Change.OPENED, RED)),
    ],
    ids=[
        "new",
        "higher",
        "the same again",
        "lower again",
        "another rule",
        "another post",
        "the same rule higher, the incident higher still",
        "settled at this level",
        "settled at a higher level",
        "higher than it was settled at",
    ],
)
def test_a_decision(decision: Decision, expected: Decision) -> None:
    assert decision == expected


def test_people_hear_of_a_matter_when_it_opens_and_when_it_rises() -> None:
    assert {change for change in Change if change.notifies} == {Change.OPENED, Change.ROSE, Change.ANOTHER}


@pytest.mark.parametrize("change", Change)
def test_only_what_rises_wakes_whoever_has_it(change: Change) -> None:
    woken = state_after(change, IncidentState.ACKNOWLEDGED) is IncidentState.FIRING
    assert woken is (change is Change.ROSE)

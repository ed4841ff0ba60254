"""What she takes home: readable by any machine, and checkable against a ledger somebody else holds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from privacy import chain, consent, ledger
from privacy.consent import By
from privacy.ledger import ConsentEvent
from privacy.purposes import notice_hash
from privacy.receipt import Controller, receipt
from tests.privacy.conftest import Town

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STATION = Controller("梧桐里", "0592-0000000", "a computer in the station", "/privacy, or tell staff")


def say(session: Session, given: bool, **more: object) -> ConsentEvent:
    said = {"person_id": "p1", "purpose": "pool", "at": NOON, "language": "zh", **more}
    return session.get_one(ConsentEvent, consent.record(session, given=given, **said))


def test_it_says_who_may_do_what_for_how_long_and_how_to_take_it_back(town: Town) -> None:
    with town.transaction() as session:
        line = say(session, True, purpose="reveal", scope="c1", until=NOON + timedelta(days=1))
        written = receipt(session, line, controller=STATION)
        assert json.loads(json.dumps(written)) == written
        assert written["schema_version"] == "ISO/IEC TS 27560:2023"
        assert (written["record_id"], written["pii_principal_id"]) == (line.hash, "p1")
        assert written["processing"]["privacy_notice"] == {
            "notice_version": line.notice_version,
            "notice_language": "zh",
            "notice_sha256": notice_hash("reveal", line.notice_version, "zh"),
        }
        (purpose,) = written["processing"]["purposes"]
        assert purpose == {
            "purpose": "reveal",
            "purpose_scope": "c1",
            "lawful_basis": "separate consent",
            "lawful_basis_reference": "PIPL 23",
            "pii_information": [{"pii_type": "contact", "pii_optional": True}],
            "pii_controllers": ["controller"],
            "collection_method": "telegram",
            "storage_locations": ["a computer in the station"],
            "retention_period": "until the case is closed",
            "recipient_third_parties": ["helper"],
            "jurisdictions": ["CN"],
            "withdrawal_method": "/privacy, or tell staff",
            "privacy_rights": ["PIPL 15", "PIPL 44", "PIPL 45", "PIPL 46", "PIPL 47"],
        }
        (party,) = written["party_identification"]
        assert (party["party_id"], party["party_name"]) == ("controller", "梧桐里")
        assert written["events"] == [
            {
                "event_time": "2026-03-02T12:00:00.000000Z",
                "event_type": "explicit",
                "event_state": "given",
                "event_by": "self",
                "entity_id": "p1",
                "validity_end": "2026-03-03T12:00:00.000000Z",
            }
        ]


def test_it_tells_the_story_up_to_its_line_and_nobody_elses(town: Town) -> None:
    with town.transaction() as session:
        say(session, True, person_id="p2")
        say(session, True, by=By.PROXY, by_id="p9")
        no = say(session, False, language="en")
        say(session, True)
        consent.end(session, person_id="p1", purpose="pool", at=NOON)
        last = consent.history(session, person_id="p1")[-1]
        events = receipt(session, no, controller=STATION)["events"]
        assert [(event["event_state"], event["entity_id"]) for event in events] == [
            ("given", "p9"),
            ("withdrawn", "p1"),
        ]
        ended = receipt(session, last, controller=STATION)
        assert [event["event_state"] for event in ended["events"]] == [
            "given",
            "withdrawn",
            "given",
            "expired",
        ]
        assert (ended["events"][-1]["event_type"], ended["events"][-1]["entity_id"]) == (
            "automatic",
            "service",
        )
        assert ended["processing"]["privacy_notice"]["notice_sha256"] is None


def test_its_line_is_found_in_the_ledger_and_gives_its_hash(town: Town) -> None:
    with town.transaction() as session:
        line = say(session, True)
        held = receipt(session, line, controller=STATION)["ledger"]
        assert chain.written(held) + "\n" in set(ledger.export(session))
        assert chain.digest(held, held["prev"]) == held["hash"] == line.hash


def test_no_receipt_for_a_notice_nobody_froze(town: Town) -> None:
    with town.transaction() as session, pytest.raises(KeyError):
        receipt(session, say(session, True, language="fr"), controller=STATION)

"""A receipt of one consent, for machines: the record of ISO/IEC TS 27560:2023 in its own field names.

It says what PIPL 17 wants told (who, for what, which kinds of words, how long, how to take it back), and holds the line of
the ledger as it is exported, so that its hash can be worked out and looked for in a ledger anybody else holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from privacy import ledger
from privacy.consent import By
from privacy.ledger import ConsentEvent
from privacy.purposes import Purpose, notice_hash, purposes

SCHEMA = "ISO/IEC TS 27560:2023"
BASIS = {"consent": "consent", "separate": "separate consent"}
RIGHTS = ["PIPL 15", "PIPL 44", "PIPL 45", "PIPL 46", "PIPL 47"]  # take back, know, copy, correct, delete


@dataclass(frozen=True)
class Controller:
    """Who answers for it: a name, how to reach them, where the words lie, how a yes is taken back. In plain words."""

    name: str
    contact: str
    storage: str
    withdrawal: str
    jurisdiction: str = "CN"


def receipt(session: Session, line: ConsentEvent, *, controller: Controller) -> dict[str, Any]:
    """The receipt of a line: what JSON can hold, and nothing that changes later but the purpose's description.

    `events` is the story of this use up to this line, the oldest first. Times are ISO 8601 in UTC. Raises KeyError for a
    purpose that is no longer declared, and for a notice nobody froze.
    """
    purpose = purposes()[line.purpose]
    shown = notice_hash(line.purpose, line.notice_version, line.language) if line.language else None
    return {
        "schema_version": SCHEMA,
        "record_id": line.hash,
        "pii_principal_id": line.person_id,
        "processing": {
            "privacy_notice": {
                "notice_version": line.notice_version,
                "notice_language": line.language or None,
                "notice_sha256": shown,
            },
            "language": line.language or None,
            "purposes": [_purpose(purpose, line, controller)],
        },
        "party_identification": [
            {
                "party_id": "controller",
                "party_role": "pii_controller",
                "party_name": controller.name,
                "party_contact": controller.contact,
            }
        ],
        "events": [_event(said) for said in _story(session, line)],
        "ledger": ledger.exported(line.model_dump()),
    }


def _purpose(purpose: Purpose, line: ConsentEvent, controller: Controller) -> dict[str, Any]:
    return {
        "purpose": purpose.code,
        "purpose_scope": line.scope or None,
        "lawful_basis": BASIS[purpose.kind],
        "lawful_basis_reference": purpose.law,
        "pii_information": [
            {"pii_type": words, "pii_optional": not purpose.needed} for words in purpose.classes
        ],
        "pii_controllers": ["controller"],
        "collection_method": line.way,
        "storage_locations": [controller.storage],
        "retention_period": purpose.keep,
        "recipient_third_parties": list(purpose.seen_by),
        "jurisdictions": [controller.jurisdiction],
        "withdrawal_method": controller.withdrawal,
        "privacy_rights": RIGHTS,
    }


def _event(line: ConsentEvent) -> dict[str, Any]:
    of_herself = line.person_id if line.by == By.SELF else line.by
    return {
        "event_time": ledger.moment(line.at),
        "event_type": "automatic" if line.by == By.SERVICE else "explicit",
        "event_state": line.status,
        "event_by": line.by,
        "entity_id": line.by_id or of_herself,
        "validity_end": None if line.until is None else ledger.moment(line.until),
    }


def _story(session: Session, line: ConsentEvent) -> list[ConsentEvent]:
    return list(
        session.exec(
            select(ConsentEvent)
            .where(
                ConsentEvent.person_id == line.person_id,
                ConsentEvent.purpose == line.purpose,
                ConsentEvent.scope == line.scope,
                ConsentEvent.id <= line.id,
            )
            .order_by(col(ConsentEvent.id))
        )
    )

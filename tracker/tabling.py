"""Tabled summaries: what of one holds, and what its signature says."""

import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import keys
from tracker.frozen import canonical, digest
from tracker.models import Event, Tabled
from tracker.proofs import notes

FORM = "resolves-tabled/1"


@dataclass(frozen=True)
class Standing:
    """Whether a tabled summary is as it was tabled. `hash_holds`: its text has the hash that the row and the record say;
    `signed`: a signature of the log's key holds for it (None: not signed yet)."""

    hash_holds: bool
    signed: bool | None

    @property
    def sound(self) -> bool:
        return self.hash_holds and self.signed is not False


def statement(tabled: Tabled, origin: str) -> str:
    """What is signed: whose log, the form, which summary of which session, its hash, the day it stands for."""
    session = tabled.session
    return "\n".join(
        (
            origin,
            FORM,
            f"{session.body.slug}/{session.slug}/{tabled.number}",
            tabled.sha256,
            f"day {tabled.day.isoformat()}",
            "",
        )
    )


def sign(tabled: Tabled) -> str:
    """The statement as a signed note, by the key of the log. `notes.NotAKey` where there is none to sign with."""
    key = keys.log_key()
    return notes.sign_text(statement(tabled, key.name), [key])


def standing(tabled: Tabled) -> Standing:
    """How a tabled summary stands: its text, its hash, the hash on record, its signature. One query, or two."""
    said = (
        Event.objects.filter(subject_type="tabled", subject_id=tabled.pk)
        .order_by("number")
        .values_list("changes", flat=True)
        .first()
    )
    recorded = said.get("sha256") if isinstance(said, dict) else None
    holds = digest(tabled.frozen.encode()) == tabled.sha256 and recorded == [None, tabled.sha256]
    return Standing(holds, _signed(tabled))


def _signed(tabled: Tabled) -> bool | None:
    signature = getattr(tabled, "signature", None)
    if signature is None:
        return None
    try:
        text, signers = notes.read_text(signature.note, keys.known_keys())
    except notes.NotAHead:
        return False
    return any(text == statement(tabled, key.name) for key in signers)


def handed_out(tabled: Tabled) -> bytes:
    """A tabled summary with its signature as one JSON object (RFC 8785): whoever has the log's public line checks it with
    `resolves_verify.py tabled`. ValidationError where what was frozen is no JSON any more."""
    signature = getattr(tabled, "signature", None)
    try:
        summary = json.loads(tabled.frozen)
    except ValueError as error:
        raise ValidationError(_("This is no frozen summary: it is not JSON.")) from error
    return canonical(
        {
            "form": FORM,
            "of": f"{tabled.session.body.slug}/{tabled.session.slug}/{tabled.number}",
            "day": tabled.day.isoformat(),
            "sha256": tabled.sha256,
            "note": signature.note if signature else "",
            "summary": summary,
        }
    )

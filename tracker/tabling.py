"""Tabled summaries: what of one holds, and what its signature says."""

import json
from collections.abc import Iterable
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
    return standings([tabled])[0][1]


def standings(found: Iterable[Tabled]) -> list[tuple[Tabled, Standing]]:
    """The same of several, each with how it stands. One query for all, where their signatures are fetched with them."""
    rows = list(found)
    events = Event.objects.filter(subject_type="tabled", subject_id__in=[one.pk for one in rows]).order_by("-number")
    said = dict(events.values_list("subject_id", "changes"))  # the first event of each comes last, and stays
    told = []
    for one in rows:
        changes = said.get(one.pk)
        recorded = changes.get("sha256") if isinstance(changes, dict) else None
        holds = digest(one.frozen.encode()) == one.sha256 and recorded == [None, one.sha256]
        told.append((one, Standing(holds, _signed(one))))
    return told


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

"""What the demonstration starts from: bodies, offices, accounts, and the calendar as it was known on 16 February 2018.

Facts only, each with its source; what is not recorded is left unknown. The accounts are named after roles, because no
person is invented. `seed_demo` enters all of it, through the real steps wherever there is one.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_noop

from tracker import ladders
from tracker.ladders import Rung
from tracker.models import Body, Precision, Role, Session, Sitting, State

DAY = "2018-02-16"
"""The demonstration's day: what became known later is not entered."""

PASSWORD = "resolution-1306"  # noqa: S105  (printed by `make demo`: everybody is to know it)
TEXT = Path(__file__).resolve().parent.parent / "tracker" / "texts" / "itu-council-r1306-c15.txt"

TITLE_OF_2009 = "ITU's role with regard to International Public Policy Issues concerning Creating a Safer Internet Environment for Children"

ACCOUNTS: list[tuple[str, str]] = [
    ("secretary", gettext_noop("Council secretariat: imports texts, keeps the calendar, records decisions")),
    ("chair", gettext_noop("chair of CWG-COP: assigns, endorses, sends back")),
    ("vice-chair", gettext_noop("vice-chair of CWG-COP: assigns, and endorses where the chair submitted")),
    ("contributor", gettext_noop("contributor to CWG-COP: accepts, records activity, submits")),
    ("council-chair", gettext_noop("chair of the Council: endorses what the secretariat submits")),
    ("councillor", gettext_noop("Council member: reads what was done, what is late and what nobody spoke of")),
    ("auditor", gettext_noop("auditor: reads the whole history")),
]
NAMES: dict[str, str] = {username: f"Demo {username}" for username, _role in ACCOUNTS}


class BodyFact(NamedTuple):
    """A body; `parent` by its short name in addresses. A group works where its parent does."""

    slug: str
    name: str
    short_name: str
    kind: str = Body.Kind.GOVERNING
    parent: str = ""
    country: str = ""
    subdivision: str = ""


BODIES = [
    BodyFact("itu-council", "ITU Council", "Council", country="CH", subdivision="GE"),
    BodyFact("cwg-cop", "Council Working Group on Child Online Protection", "CWG-COP", Body.Kind.GROUP, "itu-council"),
    BodyFact("itu-pp", "Plenipotentiary Conference", "PP"),
]
TIME_ZONE = "Europe/Zurich"


class RuleFact(NamedTuple):
    """A document deadline before each session of the Council."""

    slug: str
    name: str
    days_before: int
    source: str


_PROGRAMME = "council.itu.int/2025/en/programme: as set for Council 2025; the days are counted from it"
RULES = [
    RuleFact("financial", "Papers with serious financial implications", 56, _PROGRAMME),
    RuleFact("secretariat", "Papers of the secretariat", 30, _PROGRAMME),
    RuleFact(
        "preparatory",
        "Preparatory documents, in principle",
        28,
        "Rule 20: four weeks before the opening (text of Decision 556, itu.int/wftp3, 2014-ResDec, page 137)",
    ),
    RuleFact("contributions", "Contributions of Member States", 14, _PROGRAMME),
]
"""Kept as rules of the body, whenever they were written down: they say nothing of what was handed in when."""


class OfficeFact(NamedTuple):
    """An office and the account that holds it; since when is not recorded."""

    body: str
    slug: str
    title: str
    role: str
    held_by: str


OFFICES = [
    OfficeFact("itu-council", "secretariat", "Council secretariat", Role.SECRETARY, "secretary"),
    OfficeFact("itu-council", "chair", "Chair of the Council", Role.CHAIR, "council-chair"),
    OfficeFact("itu-council", "councillor", "Councillor", Role.COUNCILLOR, "councillor"),
    OfficeFact("itu-council", "auditor", "Auditor", Role.AUDITOR, "auditor"),
    OfficeFact("cwg-cop", "chair", "Chair of CWG-COP", Role.CHAIR, "chair"),
    OfficeFact("cwg-cop", "vice-chair", "Vice-chair of CWG-COP", Role.VICE_CHAIR, "vice-chair"),
    OfficeFact("cwg-cop", "contributor", "Contributor to CWG-COP", Role.MEMBER, "contributor"),
    OfficeFact("itu-pp", "secretariat", "Secretariat of the Conference", Role.SECRETARY, "secretary"),
]


# A policy of reminders that may be tried out: two before the due day, one when it is late, then the chair and the secretariat.
DRAFT = (
    "Draft: fewer reminders",
    (Rung(-30), Rung(-3), Rung(1), Rung(8, ladders.CHAIR), Rung(15, ladders.SECRETARIAT)),
)
ABSENCE = (date(2018, 3, 5), date(2018, 3, 9))
"""When the account `chair` is away; of its making, as what the accounts do is."""


class SittingFact(NamedTuple):
    """One dated part of a session."""

    kind: str
    begins: date
    ends: date | None = None
    precision: str = Precision.DAY
    place: str = ""


class SessionFact(NamedTuple):
    """A session; `opens` is the first day of its main sitting, as far as it is known."""

    body: str
    code: str
    name: str
    opens: date
    closes: date | None = None
    precision: str = Precision.DAY
    kind: str = Session.Kind.ORDINARY
    state: str = State.HELD
    place: str = ""
    source: str = ""
    more: tuple[SittingFact, ...] = ()


_REPORT_2017 = "itu.int/en/annual-report-2017/enablers"
_YEAR_ONLY = "day not recorded: no source found"
SESSIONS = [
    SessionFact(
        "itu-council",
        "C09",
        "Council 2009",
        date(2009, 10, 20),
        date(2009, 10, 30),
        source="itu.int/council/C2008/index.html; C09/105-E, 28 October 2009 (studylib.net/doc/13009298)",
    ),
    SessionFact(
        "itu-council",
        "C10",
        "Council 2010",
        date(2010, 4, 13),
        date(2010, 4, 22),
        source="itu.int/en/osg/activities/Pages/2010-04-council.aspx",
    ),
    SessionFact(
        "itu-pp",
        "PP10",
        "Plenipotentiary Conference 2010",
        date(2010, 10, 4),
        date(2010, 10, 22),
        place="Guadalajara",
        source="itu.int/net/pressoffice/press_releases/2010/36.aspx",
    ),
    *(
        SessionFact(
            "itu-council",
            f"C{year - 2000}",
            f"Council {year}",
            date(year, 1, 1),
            precision=Precision.YEAR,
            source=_YEAR_ONLY,
        )
        for year in (2011, 2012, 2013)
    ),
    SessionFact(
        "itu-council",
        "C14",
        "Council 2014",
        date(2014, 5, 1),
        precision=Precision.MONTH,
        source=f"{_REPORT_2017} (the May meeting; its days are not recorded)",
        more=(SittingFact(Sitting.Kind.FINAL, date(2014, 10, 18), date(2014, 10, 18), place="Busan"),),
    ),
    SessionFact(
        "itu-pp",
        "PP14",
        "Plenipotentiary Conference 2014",
        date(2014, 10, 20),
        date(2014, 11, 7),
        place="Busan",
        source="itu.int/en/plenipotentiary/2014/Pages/about.aspx",
    ),
    SessionFact(
        "itu-council",
        "C15-EXT",
        "Council 2015, extraordinary session",
        date(2014, 11, 7),
        date(2014, 11, 7),
        kind=Session.Kind.EXTRAORDINARY,
        place="Busan",
        source=_REPORT_2017,
    ),
    SessionFact(
        "itu-council",
        "C15",
        "Council 2015",
        date(2015, 5, 12),
        date(2015, 5, 22),
        source=f"{_REPORT_2017}; the daily highlights say that it closed on 21 May (itu.int/en/council/2015/ties/highlights)",
    ),
    SessionFact("itu-council", "C16", "Council 2016", date(2016, 5, 25), date(2016, 6, 2), source=_REPORT_2017),
    SessionFact(
        "itu-council",
        "C17",
        "Council 2017",
        date(2017, 5, 15),
        date(2017, 5, 25),
        source=f"{_REPORT_2017}; C17/119-E (docsbay.net)",
    ),
    SessionFact(
        "itu-council",
        "C18",
        "Council 2018",
        date(2018, 4, 17),
        date(2018, 4, 27),
        state=State.PLANNED,
        source="itu.int/en/council/2018/Pages/tmp.aspx (time management plan)",
    ),
    SessionFact(
        "itu-pp",
        "PP18",
        "Plenipotentiary Conference 2018",
        date(2018, 10, 29),
        date(2018, 11, 16),
        state=State.PLANNED,
        place="Dubai",
        source="itu.int/en/history, PlenipotentiaryConferences conf=4.444",
    ),
]


class MeetingFact(NamedTuple):
    """A meeting of CWG-COP; `before` is the first ordinary session that opened after it, where that can be told."""

    number: int
    begins: date | None
    ends: date | None = None
    precision: str = Precision.DAY
    before: str = ""
    note: str = ""
    source: str = ""


_PAGE = "itu.int/en/council/cwg-cop/Pages/default.aspx"
MEETINGS = [
    MeetingFact(
        1,
        date(2010, 3, 17),
        date(2010, 3, 18),
        before="C10",
        note="WG-CP/1/16 Rev.1; about 60 delegates",
        source="studylib.net/doc/12892308",
    ),
    MeetingFact(2, date(2010, 6, 11), before="C11", note="WG-CP/2/5", source="studylib.net/doc/12940342"),
    *(
        MeetingFact(number, None, precision=Precision.UNKNOWN, note="Known by its number alone: no source was found.")
        for number in (3, 4, 5, 6)
    ),
    MeetingFact(7, date(2013, 10, 9), source=_PAGE),
    MeetingFact(8, date(2014, 2, 21), before="C14", source=_PAGE),
    MeetingFact(9, date(2015, 1, 23), before="C15", source=_PAGE),
    MeetingFact(
        10,
        date(2015, 9, 30),
        before="C16",
        note="WG-COP/13; about 90 participants; the Group is now open to all stakeholders",
        source="studylib.net/doc/12906083",
    ),
    MeetingFact(
        11, date(2016, 2, 16), before="C16", note="About 100 participants", source="docsbay.net/council-report-wg-cop"
    ),
    MeetingFact(12, date(2016, 10, 10), before="C17", note="About 100 participants", source="docest.com/doc/159730"),
    MeetingFact(
        13,
        date(2017, 1, 1),
        precision=Precision.YEAR,
        note="2017 by elimination: after 10 October 2016 and before 23 January 2018; the day is not recorded",
    ),
    MeetingFact(
        14,
        date(2018, 1, 23),
        before="C18",
        note="CWG-COP-14/3-E: contribution by the Russian Federation, 28 December 2017",
        source="docsbay.net/contribution-by-the-russian-federation",
    ),
]


class DutyFact(NamedTuple):
    """What the secretary settles of a proposed duty before confirming it; the office that usually leads it. The group's
    items are its chair's to endorse, the secretariat's own the chair of the Council's."""

    title: str
    responsible: str
    endorser: str
    lead_office: str


_GROUP, _COUNCIL = ("cwg-cop", "cwg-cop/chair"), ("itu-council", "itu-council/chair")
_SECRETARIAT, _VICE, _CONTRIBUTOR = "itu-council/secretariat", "cwg-cop/vice-chair", "cwg-cop/contributor"
DUTIES: dict[tuple[str, int], DutyFact] = {
    ("1", 1): DutyFact("Maintain the Group with its terms of reference", *_COUNCIL, _SECRETARIAT),
    ("1.1", 1): DutyFact("Exchange views and work on the subject matter", *_GROUP, _VICE),
    ("1.2", 1): DutyFact("Annual report to the Council", *_GROUP, _CONTRIBUTOR),
    ("2", 1): DutyFact("Contribution and participation of all stakeholders", *_GROUP, _VICE),
    ("3", 1): DutyFact("Online consultation for youth before the meeting", *_GROUP, _VICE),
    ("4", 1): DutyFact("Output documents accessible without a password", *_COUNCIL, _SECRETARIAT),
    ("5", 1): DutyFact("Draft final report for Council 2018", *_GROUP, _CONTRIBUTOR),
    ("5", 2): DutyFact("Final report submitted to PP-18", *_COUNCIL, _SECRETARIAT),
}


class RecordFact(NamedTuple):
    """What the record says of a turn: the document that says so, the day as far as it is known, its words."""

    reference: str
    source: str
    text: str
    effective_on: date | None = None
    symbol: str = ""
    public: bool = False


HISTORY = [
    RecordFact(
        "itu-council/r1306-1.1-c16",
        "WG-COP/13; report of the 11th meeting of CWG-COP, 16 February 2016",
        "The Group held its 10th meeting on 30 September 2015, with about 90 participants, and its 11th on 16 February 2016, "
        "with about 100. The day entered is that of the 11th meeting.",
        date(2016, 2, 16),
        "WG-COP/13",
        public=True,
    ),
    RecordFact(
        "itu-council/r1306-3-m11",
        "Report of the 11th meeting of CWG-COP, 16 February 2016",
        "An online consultation for youth took place before the 11th meeting (remarks of the Secretary-General). Its day is "
        "not recorded.",
        public=True,
    ),
    RecordFact(
        "itu-council/r1306-1.1-c17",
        "Record of the 12th meeting of CWG-COP, 10 October 2016",
        "The Group held its 12th meeting on 10 October 2016, with about 100 participants. The day entered is that of the "
        "meeting.",
        date(2016, 10, 10),
    ),
    RecordFact(
        "itu-council/r1306-1.2-c17",
        "C17/119-E: C17/15 was introduced at the third plenary on Wednesday 17 May 2017",
        "The report of the Group was introduced as document C17/15. Two councillors asked that the youth online consultation "
        "be held in the six languages of the Union. The day on which the report was handed in is not recorded.",
        symbol="C17/15",
        public=True,
    ),
]
"""What is known of Resolution 1306 before the demonstration's day; nothing else is entered."""

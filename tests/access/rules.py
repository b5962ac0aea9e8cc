"""The table of who may reach what: a line a family of addresses. Read it as the promise; the matrix tries every cell of it.

To add an endpoint, add one line to `RULES`:

    Rule("name-of-the-url", "kind of its object", door, who may read it, who may write to it)

- the name is that of the URL (several, parted by blanks; `*` stands for any end); an address without a name goes by its route;
- the kind is a row of `stage.objects`: which values stand in the address for a thing of our body, of another body, a
  restricted one, a closed one, and one that there is not. "" is an address without a thing in it. A new kind of thing
  is one line there;
- the door is OPEN (no account needed), PAGE, API or ADMIN;
- who: a set of roles of `ROLES`. NOBODY means that the address does not offer it (405).

A new step on occurrences is one line in `STEPS`, a new list of the API one in `FILTERS`. The suite fails on an address
that no rule names, and on a rule that names no address.
"""

from dataclasses import dataclass, field

OPEN, PAGE, API, ADMIN = "open", "page", "api", "admin"

# Every kind of caller. The stranger is the secretary of another body: what is foreign to the others is theirs, so that
# there is something that could leak. A substitute stands in for the chair; the token is the contributor's.
ROLES = (
    "anonymous",
    "outsider",
    "contributor",
    "token",
    "helper",
    "validator",
    "substitute",
    "chair",
    "vice_chair",
    "council_chair",
    "secretary",
    "councillor",
    "auditor",
    "administrator",
    "stranger",
    "deactivated",
    "dead_token",
)
# In what capacity each acts on things of our body. On things of another body only the stranger acts, as its secretary.
ACTS_AS = {
    "token": "contributor",
    "substitute": "chair",
    "anonymous": "",
    "deactivated": "",
    "dead_token": "",
    "outsider": "",
    "stranger": "",
}
WITHOUT_ACCOUNT = frozenset({"anonymous", "deactivated", "dead_token"})

EVERYBODY = frozenset(ROLES)
ACCOUNTS = EVERYBODY - WITHOUT_ACCOUNT
NOBODY: frozenset[str] = frozenset()
SECRETARY = frozenset({"secretary"})
KEEPERS_OF_MAILS = frozenset({"secretary", "stranger", "administrator"})  # the stranger keeps another body
READERS_OF_PEOPLE = frozenset({"secretary", "auditor"})
WATCHMEN = frozenset({"secretary", "auditor", "stranger"})  # the stranger is the secretary of another body
CLOCK_WATCHERS = frozenset({"administrator", "secretary", "stranger"})
VERIFIERS = frozenset({"auditor", "administrator"})
LEDGER = frozenset({"chair", "vice_chair", "council_chair", "secretary", "auditor"})
BOARD = frozenset({"chair", "vice_chair", "council_chair", "secretary"})
ADMINISTRATOR = frozenset({"administrator"})
PRINCIPAL = frozenset({"chair", "secretary"})  # who is stood in for on the stage, and who keeps the body
WROTE_IT = frozenset({"contributor", "secretary"})  # who wrote it on the stage, and who keeps the body
DECIDED = (
    '{"session": "council/c17", "document": "C17/120", "paragraph": "3", "outcome": "noted",'
    ' "occurrences": [{"reference": "council/r1-1.2-c18"}]}'
)

# Who sees what, by whose thing it is: missing and not visible look alike (404).
MEMBERS = frozenset(
    {
        "contributor",
        "token",
        "helper",
        "validator",
        "substitute",
        "chair",
        "vice_chair",
        "council_chair",
        "secretary",
        "councillor",
        "auditor",
    }
)
OFFICERS = MEMBERS - {"contributor", "token", "helper", "validator", "councillor"}
STRANGER = frozenset({"stranger"})
# An open one is a turn of a duty that is public itself: everybody with an account sees it, and acts on it no more than before.
PAPERS = {"own": MEMBERS, "closed": MEMBERS, "restricted": OFFICERS, "foreign": STRANGER, "open": EVERYBODY}
TEXTS = {
    "own": EVERYBODY,
    "restricted": frozenset({"council_chair", "secretary", "auditor"}),
    "foreign": STRANGER,
}  # this text is public; its duties are the members'
KNOWN = {"own": ACCOUNTS, "foreign": ACCOUNTS, "": ACCOUNTS}  # the calendar, bodies, offices: public knowledge
PUBLISHED = {"public": EVERYBODY}
PEOPLE = {"own": frozenset({"secretary", "auditor", "stranger"})}
# What people say to those who work on an item is read by these alone; the councillor sees the item and not the words.
COMMENTS = {"own": MEMBERS, "restricted": MEMBERS - {"councillor"}, "foreign": STRANGER}
MINE = {"own": frozenset({"contributor"}), "foreign": STRANGER}
SEEN = {
    "": {"": EVERYBODY},
    "bulk step": {"assign": EVERYBODY, "reassign": EVERYBODY, "change_due_date": EVERYBODY},
    "list": {"own": EVERYBODY},
    "year": {"own": EVERYBODY},
    "sitting": KNOWN,
    "deadline": KNOWN,
    "closed day": KNOWN,
    "event duty": {"own": MEMBERS, "restricted": OFFICERS, "foreign": STRANGER},
    "absence": {
        "own": frozenset({"chair", "substitute", "secretary", "auditor", "stranger"}),
        "foreign": frozenset({"secretary", "auditor", "stranger"}),
    },
    "hand-over": {"own": frozenset({"helper", "contributor", "secretary", "auditor"}), "foreign": STRANGER},
    "comment": COMMENTS,
    "comment reference": COMMENTS,
    "feed": MINE,
    "notification": MINE,
    "preferences": {"own": ACCOUNTS},
    "notice": {"own": MEMBERS, "restricted": OFFICERS, "foreign": STRANGER},
    "saved filter": MINE,
    "secret address": {"own": EVERYBODY, "foreign": EVERYBODY},
    "decided session": {"own": ACCOUNTS},
    "body": KNOWN,
    "body and session": KNOWN,
    "pack": KNOWN,
    "tabled": {"own": MEMBERS, "foreign": STRANGER},
    "tabled pack": {"own": MEMBERS, "foreign": STRANGER},
    "session's pack": KNOWN,
    "meeting": KNOWN,
    "office": KNOWN,
    "term": KNOWN,
    "substitution": KNOWN,
    "resolution": TEXTS,
    "version's file": TEXTS,
    "resolution reference": TEXTS,
    "version": TEXTS,
    "item": TEXTS,
    "duty": TEXTS,
    "occurrence": PAPERS,
    "entry": {"own": MEMBERS, "restricted": OFFICERS, "foreign": STRANGER},
    "entry reference": {"own": MEMBERS, "restricted": OFFICERS, "foreign": STRANGER},
    "occurrence step": PAPERS,
    "occurrence reference": PAPERS,
    "file": PAPERS,
    "head": {"own": EVERYBODY},
    "public report": PUBLISHED,
    "public file": PUBLISHED,
    "policy": KNOWN,
    "draft policy": {"own": SECRETARY, "foreign": STRANGER},
    "ladder": {"own": ACCOUNTS},
    "person": PEOPLE,
    "person who left": PEOPLE,
    "traced person": {"own": frozenset({"secretary", "auditor", "contributor"}), "foreign": STRANGER},
    "mailed link": {"missing": EVERYBODY},
    "administration": {"": EVERYBODY},
}

# Who may take which step on an occurrence that was handed in and waits for its validation: led by the contributor's office,
# helped by the helper, validated by the validator, endorsed by the chair. A restricted one of ours is led by nobody; a
# closed one and an open one are as the one that was handed in.
STEPS: dict[str, str] = {
    "assign": "chair vice_chair council_chair secretary",
    "unassign": "chair vice_chair council_chair secretary",
    "accept": "contributor",
    "decline": "contributor",
    "record_activity": "contributor helper secretary",
    "submit": "contributor",
    "withdraw": "contributor",
    "send_back": "chair validator",
    "endorse": "chair",
    "close": "secretary",
    "waive": "secretary",
    "supersede": "secretary",
    "reopen": "chair secretary",
    "enter_from_record": "secretary",
    "hold": "chair vice_chair council_chair secretary contributor",
    "resume": "chair vice_chair council_chair secretary contributor",
    "change_due_date": "chair vice_chair council_chair secretary",
    "correct": "secretary",
    "reassign": "chair vice_chair council_chair secretary",
    "add_contributors": "chair vice_chair council_chair secretary contributor",
    "release_contributor": "chair vice_chair council_chair secretary",
    "finish_part": "helper",
    "ask_new_date": "contributor",
    "grant_new_date": "chair vice_chair council_chair secretary",
    "refuse_new_date": "chair vice_chair council_chair secretary",
    "validate": "validator",
}
# Lists of the API, which take their own filters and refuse any other name.
FILTERS: dict[str, str] = {
    "api-resolutions-list": "body",
    "api-paragraphs-list": "body resolution version kind disposition",
    "api-obligations-list": "body resolution kind",
    "api-occurrences-list": "body resolution session kind status due_from due_until on_hold lead vacant",
    "api-events-list": "body verb subject actor means recorded_from recorded_until effective_from effective_until",
    "api-overview": "body session page resolution mark holder kind",
    "api-bodies-list": "kind parent",
    "api-offices-list": "body role",
    "api-sessions-list": "body kind state opens_from opens_until",
    "api-meetings-list": "body state begins_from begins_until",
    "api-notices-list": "person occurrence resolution kind audience state planned_from planned_until words arrived unread",
    "api-agenda": "body resolution mark what mine since until show",
    "api-retention": "",
    "api-policies-list": "body kind resolution state",
}


@dataclass(frozen=True)
class Rule:
    """A line of the table."""

    names: str
    kind: str
    door: str
    read: frozenset[str]
    write: frozenset[str] = NOBODY
    odd: dict[str, int] = field(default_factory=dict)  # by thing, the one answer to whoever is let in, where it is odd
    given: str = ""  # the words of a POST, where without any it would not come as far as asking who may
    any_method: bool = False  # it sends whoever comes on to another page, by whatever method
    put: frozenset[str] = NOBODY  # who may PUT and DELETE
    public: bool = False  # what is public is open without an account, for all else one is asked to log in
    in_person: bool = False  # who stands in for somebody may not do it for them


RULES: tuple[Rule, ...] = (
    # Anybody
    Rule("home healthz register api-schema api-try", "", OPEN, EVERYBODY),
    Rule("log log_checkpoint log_verifier", "", OPEN, EVERYBODY),
    Rule("log_consistency", "", OPEN, EVERYBODY, NOBODY, {"": 400}),  # without two sizes it is no question
    Rule("log_head", "head", OPEN, EVERYBODY),
    Rule("public_report", "public report", OPEN, EVERYBODY),
    Rule("public_file", "public file", OPEN, EVERYBODY),
    Rule("login set_language", "", OPEN, EVERYBODY, EVERYBODY, any_method=True),
    Rule("password_forgotten", "", OPEN, EVERYBODY, EVERYBODY),
    Rule("logout", "", OPEN, NOBODY, EVERYBODY),
    Rule("password_forgotten_done password_reset_complete", "", OPEN, EVERYBODY),
    Rule("password_reset_confirm", "mailed link", OPEN, EVERYBODY, EVERYBODY, {"missing": 200}, any_method=True),
    Rule("invitation", "mailed link", OPEN, EVERYBODY, EVERYBODY, {"missing": 410}, any_method=True),
    Rule("mailed-link", "mailed link", OPEN, EVERYBODY, EVERYBODY, {"missing": 404}),
    Rule("api-token", "", OPEN, NOBODY, EVERYBODY - {"dead_token"}),  # who sends a token sends one that is good
    Rule(r"^api/[\s\S]*\Z", "", OPEN, EVERYBODY, EVERYBODY, {"": 404}, any_method=True),
    # Reading
    Rule("resolutions", "", OPEN, EVERYBODY),
    Rule("resolution", "resolution", OPEN, EVERYBODY),
    Rule("version_file", "version's file", OPEN, EVERYBODY),
    Rule("search", "", OPEN, EVERYBODY),  # without an account it finds what is public
    Rule("council_start occurrences history tasks calendar setup", "", PAGE, ACCOUNTS),
    Rule("agenda year_start watching absence", "", PAGE, ACCOUNTS),
    Rule("year", "year", PAGE, ACCOUNTS),
    Rule("council council_csv rules occasions", "body", PAGE, ACCOUNTS),
    Rule("council council_csv", "body and session", PAGE, ACCOUNTS),
    Rule("tabled_list tabled_atom", "body", PAGE, ACCOUNTS),
    Rule("tabled tabled_changes", "tabled", PAGE, ACCOUNTS),
    Rule("tabled_pack", "tabled pack", PAGE, ACCOUNTS),
    Rule("table-summary", "body and session", PAGE, SECRETARY, SECRETARY),
    Rule("correct-summary", "tabled", PAGE, SECRETARY, SECRETARY),
    Rule("as_of", "body", PAGE, ACCOUNTS),
    Rule("as_of", "body and session", PAGE, ACCOUNTS),
    Rule("pack", "pack", PAGE, ACCOUNTS),
    Rule("pack", "session's pack", PAGE, ACCOUNTS),
    Rule("occurrence", "occurrence", PAGE, EVERYBODY, public=True),
    Rule("receipt", "occurrence", PAGE, ACCOUNTS),  # what the reader may not see stands in it by its hash alone
    Rule("log_export", "", PAGE, READERS_OF_PEOPLE),  # and here
    Rule("file", "file", OPEN, EVERYBODY),
    Rule("mailbox", "", PAGE, ACCOUNTS, NOBODY, {"": 404}),
    Rule("people", "", PAGE, READERS_OF_PEOPLE),
    Rule("failed-mails", "", PAGE, KEEPERS_OF_MAILS, KEEPERS_OF_MAILS, given="mail=0"),
    # The record
    Rule("history_csv history_jsonl", "", PAGE, ACCOUNTS),  # as much of it as they may see
    Rule("visits", "", PAGE, WATCHMEN),
    Rule("trace person-mails", "traced person", PAGE, ACCOUNTS),
    Rule("ledger ledger_csv", "", PAGE, LEDGER),
    Rule("checks", "", PAGE, VERIFIERS, VERIFIERS),
    Rule("findings", "", PAGE, VERIFIERS),
    Rule("clock", "", PAGE, CLOCK_WATCHERS),
    # One's own
    Rule("unsent", "", PAGE, ACCOUNTS, ACCOUNTS),
    Rule("feeds absence-add preferences tokens", "", PAGE, ACCOUNTS, ACCOUNTS),
    Rule("notifications mails", "", PAGE, ACCOUNTS),
    Rule("notifications_read", "", PAGE, NOBODY, ACCOUNTS),  # of what is their own; the rest stays as it is
    Rule("notification_follow", "notification", PAGE, NOBODY, ACCOUNTS),
    Rule("feed_end", "feed", PAGE, NOBODY, ACCOUNTS),
    Rule("feed", "secret address", OPEN, EVERYBODY),  # its owner's eyes, whoever knows the address
    Rule("saved_filters", "list", PAGE, ACCOUNTS, ACCOUNTS),
    Rule("saved_filter_rename saved_filter_delete", "saved filter", PAGE, NOBODY, ACCOUNTS),
    Rule("absence-end", "absence", PAGE, ACCOUNTS, PRINCIPAL, given="ends=2018-02-20", in_person=True),
    # Beside the path
    Rule("comments", "occurrence", PAGE, NOBODY, MEMBERS, given="text=Words&visibility=members"),
    Rule("comment_take_back", "comment", PAGE, NOBODY, WROTE_IT),
    Rule("watch", "occurrence", PAGE, NOBODY, ACCOUNTS),
    # Steps
    Rule("board", "", PAGE, BOARD),
    Rule("board_chosen", "", PAGE, ACCOUNTS),  # it counts what it is given, and looks at nothing
    Rule("board_bulk", "bulk step", PAGE, ACCOUNTS, ACCOUNTS),  # on what its reader may act on, and on nothing else
    Rule("step", "occurrence step", PAGE, ACCOUNTS, ACCOUNTS),  # and STEPS
    Rule("import", "", PAGE, SECRETARY, SECRETARY),
    Rule("intake", "version", PAGE, ACCOUNTS, SECRETARY, given="act=confirm"),
    Rule("intake_correct", "item", PAGE, SECRETARY, SECRETARY),
    Rule("intake_take_up", "version", PAGE, SECRETARY, SECRETARY),
    Rule("intake_new_duty", "item", PAGE, SECRETARY, SECRETARY),
    Rule("intake_duty", "duty", PAGE, SECRETARY, SECRETARY),
    Rule("decisions", "", PAGE, SECRETARY, SECRETARY),
    Rule("session-add meeting-add group-add office-add", "body", PAGE, SECRETARY, SECRETARY),
    Rule("rule-add duty-station closed-day-add", "body", PAGE, SECRETARY, SECRETARY),
    Rule("rule-change rule-end", "deadline", PAGE, SECRETARY, SECRETARY),
    Rule("closed-day-end", "closed day", PAGE, SECRETARY, SECRETARY),
    Rule("occasion-add", "event duty", PAGE, BOARD, BOARD),
    Rule("sitting-change", "sitting", PAGE, SECRETARY, SECRETARY),
    Rule("session-move session-change sitting-add", "body and session", PAGE, SECRETARY, SECRETARY),
    Rule("meeting-move meeting-change", "meeting", PAGE, SECRETARY, SECRETARY),
    Rule("body-add invite", "", PAGE, SECRETARY, SECRETARY),
    Rule("appoint substitute validator", "office", PAGE, SECRETARY, SECRETARY),
    Rule("term-end", "term", PAGE, SECRETARY, SECRETARY),
    Rule("substitution-end", "substitution", PAGE, SECRETARY, SECRETARY),
    Rule("invite-again deactivate person-absence person-address", "person", PAGE, SECRETARY, SECRETARY),
    Rule("anonymise", "person who left", PAGE, SECRETARY, SECRETARY),
    Rule("erase-words", "entry", PAGE, SECRETARY, SECRETARY),
    Rule("erase-file", "file", PAGE, SECRETARY, SECRETARY),
    Rule("retention", "", PAGE, READERS_OF_PEOPLE),
    Rule("retention-set", "", PAGE, SECRETARY, SECRETARY),
    Rule("retention-end", "", PAGE, SECRETARY, SECRETARY, {"": 404}),  # none is in force on the stage
    Rule("hand-over", "hand-over", PAGE, ACCOUNTS),
    Rule("hand-over-note", "hand-over", PAGE, ACCOUNTS, WROTE_IT, given="note=Words"),  # who leaves, or for them
    Rule("hand-over-accept", "hand-over", PAGE, ACCOUNTS, frozenset({"helper"})),  # who comes
    # Policies of reminders
    Rule("policies policy-simulation policy-simulation-csv", "", PAGE, ACCOUNTS),
    Rule("policy", "policy", PAGE, ACCOUNTS),
    Rule("policy-built-in", "ladder", PAGE, ACCOUNTS),
    Rule("policy-draft", "body", PAGE, SECRETARY, SECRETARY),
    Rule("policy-change policy-force policy-drop", "draft policy", PAGE, SECRETARY, SECRETARY),
    Rule("policy-end", "policy", PAGE, SECRETARY, SECRETARY),
    # Programs
    Rule("api-resolutions-list api-paragraphs-list api-obligations-list", "", API, ACCOUNTS),
    Rule("api-occurrences-list api-events-list", "", API, ACCOUNTS),
    Rule("api-bodies-list api-offices-list api-sessions-list api-meetings-list api-agenda", "", API, ACCOUNTS),
    Rule("api-notices-list", "", API, ACCOUNTS),
    Rule("api-notices-detail", "notice", API, ACCOUNTS),
    Rule("api-notifications-read", "", API, NOBODY, ACCOUNTS, given='{"all": true}'),
    Rule("api-preferences", "preferences", API, ACCOUNTS, put=ACCOUNTS),
    Rule("api-move-session", "body and session", API, NOBODY, SECRETARY),
    Rule("api-move-meeting", "meeting", API, NOBODY, SECRETARY),
    Rule("api-appoint api-substitute", "office", API, NOBODY, SECRETARY),
    Rule("api-end-term", "term", API, NOBODY, SECRETARY),
    Rule("api-end-substitution", "substitution", API, NOBODY, SECRETARY),
    Rule("api-overview", "", API, ACCOUNTS, NOBODY, {"": 400}),  # without a body's name it is no question
    Rule("api-resolutions-detail", "resolution reference", API, ACCOUNTS),
    Rule("api-occurrences-detail", "occurrence reference", API, ACCOUNTS),
    *(Rule(f"api-{step}", "occurrence reference", API, NOBODY, frozenset(who.split())) for step, who in STEPS.items()),
    Rule("api-policies-list", "", API, ACCOUNTS),
    Rule("api-policies-detail", "policy", API, ACCOUNTS),
    Rule("api-draft-policy", "body", API, NOBODY, SECRETARY),
    Rule("api-change-policy api-put-in-force api-drop-draft", "draft policy", API, NOBODY, SECRETARY),
    Rule("api-end-policy", "policy", API, NOBODY, SECRETARY),
    Rule("api-simulation", "draft policy", API, SECRETARY),
    Rule("api-receipt", "occurrence reference", API, ACCOUNTS),
    Rule("api-comments", "occurrence reference", API, ACCOUNTS, MEMBERS),
    Rule("api-take-back-comment", "comment reference", API, NOBODY, WROTE_IT),
    Rule("api-watch", "occurrence reference", API, ACCOUNTS, put=ACCOUNTS),
    Rule("api-erase-words", "entry reference", API, NOBODY, SECRETARY),
    Rule("api-erase-file", "file", API, NOBODY, SECRETARY),
    Rule("api-retention", "", API, READERS_OF_PEOPLE),
    Rule("api-set-retention", "", API, NOBODY, SECRETARY),
    Rule("api-end-retention", "", API, NOBODY, SECRETARY, {"": 404}),  # none is in force on the stage
    Rule("api-end-token", "", API, NOBODY, ACCOUNTS),
    Rule("api-decisions", "decided session", API, NOBODY, SECRETARY, given=DECIDED),
    # Whoever runs the machine
    Rule("admin:*", "administration", ADMIN, ADMINISTRATOR),
)

"""Words on steps that the code does not have: what each needs and which events it writes, by name."""

# The event that a step writes, and what it needs beyond its words.
WRITES: dict[str, tuple[str, str]] = {
    "assign": (
        "occurrence.assigned",
        "Whoever is asked holds a seat in the family of the responsible body. Another due day needs a note.",
    ),
    "unassign": ("occurrence.unassigned", ""),
    "accept": ("occurrence.accepted", ""),
    "decline": ("occurrence.declined", ""),
    "record_activity": ("occurrence.activity_recorded", "A day to come is refused."),
    "submit": (
        "occurrence.submitted",
        "Every contribution is done. Words, a document symbol, a file, or that nothing happened: one of them at least.",
    ),
    "withdraw": ("occurrence.withdrawn", ""),
    "send_back": ("occurrence.sent_back", "What is validated only the endorser sends back."),
    "endorse": (
        "occurrence.endorsed",
        "It is validated where it has to be. Nobody endorses what they submitted themselves.",
    ),
    "close": ("occurrence.closed", "A decision of the body, or of the body of the turn's session, that has opened."),
    "waive": ("occurrence.waived", "A decision, as for `close`."),
    "supersede": ("occurrence.superseded", ""),
    "reopen": (
        "occurrence.reopened",
        "From closed: a decision that is not the one that closed it. Where nobody leads it any more: a lead.",
    ),
    "enter_from_record": (
        "occurrence.entered_from_record",
        "A source. A day to come is refused; a day that is not known stays open.",
    ),
    "hold": ("occurrence.held", "It is not on hold already."),
    "resume": ("occurrence.resumed", "It is on hold."),
    "change_due_date": ("occurrence.due_date_changed", "Another day, and none that is over."),
    "correct": ("occurrence.corrected", "The number of the wrong event in the history of the item."),
    "reassign": (
        "occurrence.reassigned",
        "Another lead than the present one; who can be asked, as for `assign`. A contributor who left with their part open is released.",
    ),
    "add_contributors": (
        "occurrence.contributors_added",
        "Nobody whose part is still open; who can be asked, as for `assign`.",
    ),
    "release_contributor": ("occurrence.contributor_released", "Somebody who contributes."),
    "finish_part": ("occurrence.part_done", "A part of theirs that is not done."),
    "ask_new_date": ("occurrence.date_asked", "None is asked for yet. Another day, and none that is over."),
    "grant_new_date": ("occurrence.date_granted", "A new date is asked for. Another day than that can be granted."),
    "refuse_new_date": ("occurrence.date_refused", "A new date is asked for."),
    "validate": ("occurrence.validated", "The report waits for the validator of the lead's office."),
}
# Steps on a body: the line of the table in `access` that grants them, what they do, and the events that they write.
ON_BODY: dict[str, tuple[str, str, str]] = {
    "import_version": (
        "import",
        "Reads a text and enters it as a version in intake, with the duties that its words propose. The same text again changes nothing.",
        "resolution.imported, version.imported, obligation.drafted",
    ),
    "enter_version": (
        "import",
        "Enters a version whose text is not recorded. Its text can be read in later.",
        "resolution.imported, version.imported",
    ),
    "dispose": (
        "confirm_intake",
        "Accounts for an item: tracked, covered by another item of the version, or declaratory with a reason.",
        "paragraph.disposed",
    ),
    "reopen_disposition": ("confirm_intake", "Takes that back, saying why.", "paragraph.reopened"),
    "draft_obligation": ("confirm_intake", "Adds a duty to an item, not yet confirmed.", "obligation.drafted"),
    "change_obligation": (
        "confirm_intake",
        "Changes a duty while its version is in intake; it is then to be confirmed anew.",
        "obligation.changed",
    ),
    "drop_obligation": (
        "confirm_intake",
        "Takes away a duty that was wrongly proposed, saying why. It never had a turn.",
        "obligation.dropped",
    ),
    "confirm_obligation": (
        "confirm_intake",
        "Confirms a duty: its kind, its due point, who is responsible and who endorses.",
        "obligation.confirmed",
    ),
    "relabel_item": (
        "confirm_intake",
        "Gives an item the label, the path and the place in the tree that the document has, while its version is in intake.",
        "version.item_relabelled",
    ),
    "split_item": (
        "confirm_intake",
        "Makes two items of one: the second begins with words that are quoted. Duties stay with the first.",
        "version.item_split",
    ),
    "merge_item": (
        "confirm_intake",
        "Makes an item part of the one before it: its words and its duties go there.",
        "version.items_merged",
    ),
    "set_item_aside": (
        "confirm_intake",
        "What was read as an item is none: a paragraph of the preamble, or none at all. It stays on record.",
        "version.item_set_aside",
    ),
    "take_up_words": (
        "confirm_intake",
        "Makes an item of words that were read as none.",
        "version.item_taken_up",
    ),
    "undo_correction": (
        "confirm_intake",
        "Takes the last correction of the reading back.",
        "version.correction_undone",
    ),
    "confirm_version": (
        "confirm_intake",
        "Ends intake. Every item is accounted for, every tracked one has duties, all are confirmed. Turns begin.",
        "version.confirmed, occurrence.planned",
    ),
    "record_decision": (
        "record_decision",
        "Puts a decision of a session on record, once. The session has opened.",
        "decision.recorded",
    ),
    "decide": (
        "record_decision",
        "Closes or waives many items by the decisions of a session, each by the step that closes or waives one.",
        "decision.recorded, occurrence.closed, occurrence.waived",
    ),
    "comment": ("", "Says something about a turn; it moves nothing. Whoever is named is told.", "occurrence.commented"),
    "take_back_comment": ("", "Takes a comment back: its words no longer show.", "occurrence.comment_taken_back"),
    "watch": ("", "Follows an item in all its turns.", "watch.started"),
    "unwatch": ("", "Follows it no longer.", "watch.ended"),
    "add_session": ("add_session", "Adds a session.", "session.added, occurrence.planned"),
    "add_sitting": ("add_session", "Adds one dated part of a session.", "sitting.added"),
    "move_session": (
        "move_session",
        "Gives a session other days, saying why. What hangs on it and is not discharged moves to its new due point.",
        "session.moved, occurrence.moved",
    ),
    "change_session": (
        "move_session",
        "Says what became of a session (held, postponed, cancelled), or changes its name, place or source.",
        "session.changed, occurrence.moved",
    ),
    "add_meeting": ("add_meeting", "Adds a meeting of a group.", "meeting.added, occurrence.planned"),
    "move_meeting": ("move_meeting", "As `move_session`, for a meeting.", "meeting.moved, occurrence.moved"),
    "change_meeting": ("move_meeting", "As `change_session`, for a meeting.", "meeting.changed, occurrence.moved"),
    "add_body": (
        "",
        "Sets up a governing body. Whoever does it holds its secretariat from that day.",
        "body.added, office.added, term.begun",
    ),
    "add_group": ("add_group", "Sets up a group under a body.", "body.added"),
    "add_office": ("add_office", "Sets up an office. Its role says what its holder may do.", "office.added"),
    "set_validator": (
        "add_office",
        "Names the office that validates what is handed in for another one before it is endorsed; or none.",
        "office.changed",
    ),
    "appoint": (
        "appoint",
        "Begins a term. What is left of the holder before ends the day before; a hand-over is opened. Alternates end none.",
        "term.begun, term.ended, handover.opened",
    ),
    "end_term": (
        "appoint",
        "Ends a term. The last secretary of a body does not go before another one is there.",
        "term.ended",
    ),
    "set_substitute": (
        "substitute",
        "Somebody acts for another between two days, in a scope; set by themselves, too. Both names stand on each act.",
        "substitution.set",
    ),
    "end_substitution": (
        "substitute",
        "They are back sooner. Everybody may for themselves.",
        "substitution.set",
    ),
    "note_hand_over": (
        "hand_over",
        "Leaves words for the successor. The predecessor may, too.",
        "handover.noted",
    ),
    "accept_hand_over": ("", "The successor has read what is open, and takes it on.", "handover.accepted"),
    "invite": (
        "invite",
        "Makes an account, mails a link to set a password, and, where an office is named, begins a term.",
        "person.invited, term.begun",
    ),
    "invite_again": ("invite", "Mails a new link. Older links end.", "person.invited"),
    "accept_invitation": ("", "Sets the password by the mailed link, once, within 14 days.", "person.joined"),
    "take_by_link": (
        "",
        "Takes one step by the link of a mail, once, within 14 days, in the name of whom it was mailed to, who is told.",
        "occurrence.accepted, occurrence.declined, occurrence.submitted, occurrence.date_asked",
    ),
    "change_password": (
        "",
        "Sets another password by the link of a mail. On record is that it was set, not to what.",
        "person.password_changed",
    ),
    "make_token": (
        "",
        "Gives a token for programs, made where there is none. What it reads as is not on record.",
        "token.made",
    ),
    "end_own_token": ("", "Ends the token for programs: it opens nothing any more.", "token.ended"),
    "deactivate": (
        "invite",
        "Somebody has left: they can no longer log in, and their terms, substitutions and feeds end. Nothing is deleted.",
        "person.deactivated, term.ended, substitution.set, token.ended, feed.ended, watch.ended",
    ),
    "change_address": (
        "invite",
        "Puts another e-mail address of somebody on record; what waits to be sent goes there.",
        "person.address_changed",
    ),
    "send_again": (
        "send_again",
        "Queues mails that failed anew, to the present address of their person; an administrator may do it for everybody.",
        "mail.sent_again",
    ),
    "anonymise": (
        "anonymise",
        "Takes the name of somebody who has left out of the account, the mails and the words about it, for good.",
        "person.anonymised, token.ended, feed.ended, watch.ended",
    ),
    "erase_file": (
        "erase_words",
        "Erases a file that was handed in on request, for good. Its name, size and hash stay.",
        "file.erased",
    ),
    "erase_words": (
        "erase_words",
        "Erases the words beside an entry on request, wherever the same words stand in its rows, its stream and its mails, for good.",
        "words.erased",
    ),
    "table_summary": (
        "table_summary",
        "Freezes the summary for a session and tables it, or a correction of one; signed by the worker, told to councillors.",
        "summary.tabled, summary.corrected",
    ),
    "sign_tabled": ("", "Signs what was tabled and is not signed yet.", "summary.tabled"),
    "set_retention": (
        "set_retention",
        "Sets how long visits, texts of mails or the words of people who have left are kept. Of a body under none.",
        "retention.set, retention.ended",
    ),
    "end_retention": ("set_retention", "Ends such a rule.", "retention.ended"),
    "change_sitting": (
        "move_session",
        "What became of a sitting; its dates, form and place. The main one goes with its session; nothing hangs on a sitting.",
        "sitting.changed",
    ),
    "draft_policy": (
        "set_policies",
        "Drafts a policy of reminders: for a body and the groups under it, a resolution, or one duty; perhaps for one kind alone.",
        "policy.drafted",
    ),
    "change_policy": ("set_policies", "Changes a draft. A policy in force is never changed.", "policy.changed"),
    "put_in_force": (
        "set_policies",
        "Puts a draft in force, saying why; the policy that held for the same ends by it.",
        "policy.put_in_force, policy.ended",
    ),
    "end_policy": ("set_policies", "Ends a policy, saying why; the next nearest holds instead.", "policy.ended"),
    "drop_draft": ("set_policies", "Gives a draft up. It stays on record.", "policy.dropped"),
    "add_deadline_rule": ("set_rules", "Adds a document deadline before each session of a body.", "rule.added"),
    "change_deadline_rule": (
        "set_rules",
        "Changes a document deadline, saying why. What hangs on it and lies ahead moves with it.",
        "rule.changed, occurrence.moved",
    ),
    "end_deadline_rule": (
        "set_rules",
        "Ends a document deadline on which no duty in force hangs, saying why.",
        "rule.ended",
    ),
    "set_duty_station": (
        "set_rules",
        "Sets where a body's days are worked. Due points in working days that lie ahead are counted anew.",
        "body.changed, occurrence.moved",
    ),
    "add_closed_day": (
        "set_rules",
        "Adds days on which the duty station does not work, or works all the same. Due points in working days ahead are counted anew.",
        "closed_day.added, occurrence.moved",
    ),
    "end_closed_day": (
        "set_rules",
        "Takes such a day back, saying why. Due points in working days that lie ahead are counted anew.",
        "closed_day.ended, occurrence.moved",
    ),
    "record_occasion": (
        "record_occasion",
        "Puts on record that the event of a duty happened; the turn that it opens is entered with it.",
        "occasion.recorded, occurrence.planned",
    ),
    "make_feed": (
        "",
        "Makes a secret address that a calendar program reads. The secret is not on record.",
        "feed.made",
    ),
    "set_preferences": (
        "",
        "Sets how somebody is told: by mail or here, how often, when, how early, in which language. Theirs alone to say.",
        "preferences.changed",
    ),
    "end_feed": ("", "The address answers nobody any more.", "feed.ended"),
    "plan_turns": (
        "",
        "Enters the turns of one duty that the calendar knows and that are not there yet.",
        "occurrence.planned",
    ),
    "roll": ("", "The same for every confirmed duty.", "occurrence.planned"),
    "accept_restored_log": (
        "",
        "Accepts the log of a backup that was put back, an earlier state of what was given out; sealing goes on from it.",
        "log.restored",
    ),
    "apply_retention": (
        "",
        "Erases what has been kept for its time under the rules in force, in batches.",
        "retention.applied",
    ),
    "carry_over": (
        "",
        "Takes what is open under an earlier version of the path to the present one.",
        "occurrence.carried_over",
    ),
    "take_in": (
        "",
        "Before the first head of the log: puts on record what an earlier version had written past it.",
        "record.taken_in",
    ),
}
BY_COMMAND: dict[str, str] = {"person.added": "`createsuperuser`, and the demonstration for its accounts"}
"""Verbs that no step writes."""

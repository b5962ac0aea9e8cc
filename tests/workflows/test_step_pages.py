"""Each step through its page: the form, the step taken, what is refused and how."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tracker.models import Decision, Event, Evidence, Office
from workflows.forms import FORMS
from workflows.machines import STEPS
from workflows.steps import accept, add_contributors, ask_new_date, hold, reassign, submit

pytestmark = pytest.mark.django_db

NEW_DECISION = {
    "document": "C17/120",
    "paragraph": "3.1",
    "outcome": "noted",
    "decided_on": "2017-05-18",
    "decided_precision": "day",
}
# step: status from which, who takes it, the words that it takes, a word that it cannot do without, status afterwards
EACH = {
    "assign": ("planned", "chair", {"lead": "contributor", "contributors": ["helper"]}, "lead", "assigned"),
    "unassign": ("assigned", "chair", {"reason": "The wrong office."}, "reason", "planned"),
    "accept": ("assigned", "contributor", {"note": "Gladly."}, "", "in_progress"),
    "decline": ("assigned", "contributor", {"reason": "No time."}, "reason", "planned"),
    "record_activity": ("in_progress", "contributor", {"text": "Met.", "precision": "day"}, "text", "in_progress"),
    "submit": ("in_progress", "contributor", {"text": "What was done."}, "text", "submitted"),
    "withdraw": ("submitted", "contributor", {}, "", "in_progress"),
    "send_back": ("submitted", "chair", {"reason": "A table is missing."}, "reason", "in_progress"),
    "endorse": ("submitted", "chair", {}, "", "endorsed"),
    "close": ("endorsed", "secretary", NEW_DECISION, "paragraph", "closed"),
    "waive": ("in_progress", "secretary", NEW_DECISION, "document", "waived"),
    "supersede": ("planned", "secretary", {"reason": "Amended."}, "reason", "superseded"),
    "reopen": ("endorsed", "chair", {"reason": "A page is missing."}, "reason", "in_progress"),
    "enter_from_record": (
        "planned",
        "secretary",
        {"source": "C17/17", "precision": "unknown", "decided_precision": "day"},
        "source",
        "endorsed",
    ),
    "hold": ("planned", "chair", {"reason": "Waiting."}, "reason", "planned"),
    "resume": ("in_progress", "contributor", {}, "", "in_progress"),
    "change_due_date": ("planned", "chair", {"due_on": "2018-03-25", "reason": "Easter."}, "due_on", "planned"),
    "correct": ("submitted", "secretary", {"event": "1", "reason": "A slip.", "precision": ""}, "reason", "submitted"),
    "reassign": ("in_progress", "chair", {"lead": "helper", "reason": "She left."}, "reason", "assigned"),
    "add_contributors": ("in_progress", "chair", {"contributors": ["helper"]}, "contributors", "in_progress"),
    "release_contributor": (
        "in_progress",
        "chair",
        {"contributor": "helper", "reason": "Not needed."},
        "contributor",
        "in_progress",
    ),
    "finish_part": ("in_progress", "helper", {"note": "The figures."}, "", "in_progress"),
    "ask_new_date": (
        "in_progress",
        "contributor",
        {"wanted_on": "2018-04-05", "reason": "Late figures."},
        "wanted_on",
        "in_progress",
    ),
    "grant_new_date": ("in_progress", "chair", {"due_on": "2018-04-01"}, "due_on", "in_progress"),
    "refuse_new_date": ("in_progress", "chair", {"reason": "The Council opens."}, "reason", "in_progress"),
    "validate": ("assigned", "vice_chair", {}, "", "submitted"),
}


def helped(world, turn):
    return add_contributors(turn, by=world.chair, contributors=[world.helper])


def date_asked(world, turn):
    return ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="Late figures.")


def to_be_validated(world, turn):
    Office.objects.filter(pk=world.offices["contributor"].pk).update(validator=world.offices["vice_chair"])
    reassign(turn, lead=world.offices["contributor"], by=world.chair, reason="The office keeps the duty.")
    accept(turn, by=world.contributor)
    return submit(turn, by=world.contributor, text="What was done.")


# step: what else must have happened
BEFORE = {
    "resume": lambda world, turn: hold(turn, by=world.contributor, reason="Waiting."),
    "release_contributor": helped,
    "finish_part": helped,
    "grant_new_date": date_asked,
    "refuse_new_date": date_asked,
    "validate": to_be_validated,
}


def address(turn, step):
    return reverse("step", kwargs={"body": "council", "short": turn.short_reference, "step": step})


def ready(world, step):
    """The turn for Council 2017 (over, so that a decision can be cited), where a step is possible, and its words."""
    status, who, words, needed, after = EACH[step]
    turn = world.walk(status, world.past)
    if step in BEFORE:
        turn = BEFORE[step](world, turn)
    if "document" in words:
        words = words | {"session": str(world.sessions["C17"].pk)}
    return turn, world.people[who], words, needed, after


def test_every_step_of_the_machine_has_a_form_and_a_test():
    assert set(STEPS) == set(FORMS) == set(EACH)


@pytest.mark.parametrize("step", STEPS)
def test_step_page_asks_for_its_words_and_says_what_it_will_do(world, client_for, step):
    turn, person, *_ = ready(world, step)

    page = client_for(person).get(address(turn, step))

    assert page.status_code == 200
    assert "What this does" in page.content.decode()
    assert page.context["form"].step == step


@pytest.mark.parametrize("step", STEPS)
def test_step_is_taken_by_its_page_and_leads_back_to_the_item(world, client_for, step):
    turn, person, words, _needed, after = ready(world, step)
    before = Event.objects.filter(subject_type="occurrence").count()

    answer = client_for(person).post(address(turn, step), words, follow=True)

    assert answer.redirect_chain == [(f"/items/council/{turn.short_reference}/", 302)]
    assert "It now reads" in answer.content.decode()
    turn.refresh_from_db()
    assert turn.status == after
    assert Event.objects.filter(subject_type="occurrence").count() == before + 1


@pytest.mark.parametrize("step", [step for step in STEPS if EACH[step][3]])
def test_step_without_a_needed_word_says_so_beside_the_field_and_changes_nothing(world, client_for, step):
    turn, person, words, needed, _after = ready(world, step)
    before = Event.objects.count()

    answer = client_for(person).post(address(turn, step), {k: v for k, v in words.items() if k != needed})

    assert answer.status_code == 400
    assert needed in answer.context["form"].errors
    assert Event.objects.count() == before


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("step", STEPS)
def test_step_of_somebody_else_is_refused_and_says_whose_it_is(world, client_for, step, method):
    turn, _person, words, *_ = ready(world, step)
    before = Event.objects.count()

    answer = getattr(client_for(world.councillor), method)(address(turn, step), words)

    assert answer.status_code == 403
    assert "Who can do it" in answer.content.decode()
    assert Event.objects.count() == before


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("step", STEPS)
def test_step_on_what_a_person_may_not_see_is_not_found(world, client_for, step, method):
    turn, _person, words, *_ = ready(world, step)
    client = client_for(world.outsider)

    seen = getattr(client, method)(address(turn, step), words)
    missing = getattr(client, method)(address(turn, step).replace("c17", "c99"), words)

    assert (seen.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("step", ["accept", "submit", "endorse", "close", "send_back", "hold", "withdraw"])
def test_step_sent_twice_is_a_conflict_the_second_time(world, client_for, step):
    turn, person, words, *_ = ready(world, step)
    client = client_for(person)
    client.post(address(turn, step), words)
    before = Event.objects.count()

    answer = client.post(address(turn, step), words)

    assert answer.status_code == 409
    assert "Nothing has been changed" in answer.content.decode()
    assert Event.objects.count() == before


def test_step_asks_to_log_in_first(world, client):
    answer = client.get(address(world.past, "assign"))

    assert answer.status_code == 302
    assert "next=" in answer["Location"]


def test_unknown_step_is_not_found(world, client_for):
    assert client_for(world.chair).get(address(world.past, "assign").replace("assign", "vanish")).status_code == 404


@pytest.mark.parametrize("bad", ["\x00", "x" * 200_000, "nobody-at-all", "<script>"])
def test_bad_words_are_an_error_of_the_form(world, client_for, bad):
    answer = client_for(world.chair).post(address(world.past, "assign"), {"lead": bad, "note": bad})

    assert answer.status_code == 400
    assert world.past.status == "planned"
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("day", ["soon", "2018-02-31", "9999999-01-01", "2016-01-01"])
def test_bad_day_is_an_error_of_its_field(world, client_for, day):
    answer = client_for(world.chair).post(address(world.due, "change_due_date"), {"due_on": day, "reason": "So."})

    assert answer.status_code == 400
    assert "due_on" in answer.context["form"].errors


def test_decision_on_record_is_chosen_instead_of_given_again(world, client_for):
    turn = world.walk("endorsed", world.past)
    decision = world.decide()

    answer = client_for(world.secretary).post(
        address(turn, "close"), {"decision": str(decision.pk), "decided_precision": "day"}
    )

    assert answer.status_code == 302
    turn.refresh_from_db()
    assert turn.decision == decision


def test_decision_given_with_a_step_that_is_refused_is_not_recorded(world, client_for):
    turn = world.walk("endorsed", world.past)
    words = NEW_DECISION | {"session": str(world.sessions["C17"].pk), "decided_on": "2017-05-01"}

    answer = client_for(world.secretary).post(address(turn, "close"), words)

    assert answer.status_code == 400
    assert "decided_on" in answer.context["form"].errors
    assert not Decision.objects.exists()


def test_decision_of_a_session_that_has_not_opened_cannot_be_chosen(world, client_for):
    turn = world.walk("endorsed", world.past)

    answer = client_for(world.secretary).get(address(turn, "close"))

    offered = set(answer.context["form"].fields["session"].queryset)
    assert world.sessions["C18"] not in offered
    assert world.sessions["C17"] in offered


def test_closed_item_is_reopened_only_with_a_decision(world, client_for):
    turn = world.walk("closed", world.past)
    client = client_for(world.secretary)

    without = client.post(address(turn, "reopen"), {"reason": "An error.", "decided_precision": "day"})
    with_one = client.post(
        address(turn, "reopen"),
        {"reason": "An error.", "session": str(world.sessions["C17"].pk), **NEW_DECISION},
    )

    assert (without.status_code, with_one.status_code) == (400, 302)


def test_turn_entered_from_the_record_is_reopened_by_naming_a_lead(world, client_for):
    client = client_for(world.secretary)
    client.post(address(world.past, "enter_from_record"), EACH["enter_from_record"][2])

    without = client.post(address(world.past, "reopen"), {"reason": "More came."})
    with_one = client.post(address(world.past, "reopen"), {"reason": "More came.", "lead": "group/contributor"})

    assert "lead" in without.context["form"].errors
    assert with_one.status_code == 302
    assert world.past.status == "in_progress"


def test_files_come_with_a_report_and_are_given_back_only_to_those_who_may_see_them(
    world, client_for, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    turn = world.walk("in_progress", world.past)
    given = [SimpleUploadedFile(f"../annex {n}.html", b"<b>%d</b>" % n) for n in (1, 2)]

    client_for(world.contributor).post(address(turn, "submit"), {"text": "See annexes.", "files": given})

    first = Evidence.objects.order_by("pk").first()
    assert Evidence.objects.count() == 2
    back = client_for(world.chair).get(reverse("file", kwargs={"number": first.pk}))
    assert b"".join(back.streaming_content) == b"<b>1</b>"
    assert back["Content-Type"] == "application/octet-stream"
    assert back["Content-Disposition"].startswith("attachment")
    assert client_for(world.outsider).get(reverse("file", kwargs={"number": first.pk})).status_code == 404


def test_empty_file_is_an_error_of_its_field(world, client_for):
    turn = world.walk("in_progress", world.past)

    answer = client_for(world.contributor).post(
        address(turn, "submit"), {"text": "See annex.", "files": SimpleUploadedFile("annex.pdf", b"")}
    )

    assert answer.status_code == 400
    assert "files" in answer.context["form"].errors


def test_activity_known_to_the_month_is_kept_as_such(world, client_for):
    turn = world.walk("in_progress", world.past)

    client_for(world.contributor).post(
        address(turn, "record_activity"),
        {"text": "Held a consultation.", "happened_on": "2018-01-23", "precision": "month", "stakeholder": "youth"},
    )

    activity = turn.activities.get()
    assert (activity.happened_on, activity.happened_precision) == (date(2018, 1, 1), "month")


def test_auditor_cannot_be_asked_to_lead(world, client_for):
    page = client_for(world.chair).get(address(world.due, "assign"))

    values = {value for _group, named in page.context["form"].fields["lead"].choices[1:] for value, _label in named}
    assert "auditor" not in values
    assert {"contributor", "group/contributor", "council/secretary"} <= values

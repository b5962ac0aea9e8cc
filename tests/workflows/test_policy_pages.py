"""The pages of policies: what holds, a ladder in words, drafts without JavaScript, what would change for whom."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker import ladders
from tracker.ladders import Rung
from tracker.models import Body, Obligation, Person, ReminderPolicy
from workflows import steps

ClientFor = Callable[[Person], Client]
FEW = (Rung(-14), Rung(1), Rung(8, "chair"))
ADD = "/policies/draft/group/"


def drafted(world: World, **given: Any) -> ReminderPolicy:
    body = given.pop("body", world.group)
    return steps.draft_policy(body, **{"by": world.secretary, "name": "Fewer reminders", "rungs": FEW, **given})


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def filled(response: Any) -> dict[str, Any]:
    """What a browser would send of the form of a page."""
    found = {}
    for field in response.context["form"]:
        value = field.value()
        if value is None and field.widget_type == "select":
            value = field.field.choices[0][0]
        if value is not False and not (value is None and field.widget_type == "checkbox"):
            found[field.html_name] = "" if value is None else value
    return found


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_list_says_what_holds_for_whom_and_since_when(world: World, client_for: ClientFor):
    steps.put_in_force(drafted(world, kind="each_session"), reason="Enough.", by=world.secretary)
    draft = drafted(world, name="Fewer still")

    read, kept = text(client_for(world.outsider).get("/policies/")), text(client_for(world.secretary).get("/policies/"))

    assert "each session Fewer reminders Group, since 16 February 2018 6" in read
    assert "once Final report built in 6" in read
    assert str(draft) not in read
    assert "Draft a policy" not in read
    assert str(draft) in kept
    assert "Draft a policy" in kept


def test_list_is_narrowed_to_a_body(world: World, client_for: ClientFor):
    client = client_for(world.outsider)

    assert "1 of 2 shown" in text(client.get("/policies/", {"body": "group"}))
    assert client.get("/policies/", {"body": "gone"}).status_code == 404


def test_list_takes_no_more_questions_with_more_bodies_and_policies(world: World, client_for: ClientFor):
    client = client_for(world.secretary)

    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            client.get("/policies/")
        return len(questions)

    asked()
    first = asked()
    for number in range(3):
        body = Body.objects.create(
            slug=f"g{number}", name=f"Group {number}", short_name=f"G{number}", kind="group", parent=world.council
        )
        steps.put_in_force(drafted(world, body=body), reason="Enough.", by=world.secretary)
        drafted(world, body=body, name="Another")
    assert asked() == first


def test_page_of_a_policy_says_its_ladder_in_words_with_days_of_the_next_turn(world: World, client_for: ClientFor):
    policy = steps.put_in_force(drafted(world), reason="Too many mails.", by=world.secretary)

    page = text(client_for(world.outsider).get(f"/policies/{policy.pk}/"))
    seen = text(client_for(world.councillor).get(f"/policies/{policy.pk}/"))

    assert "14 days before the due day whoever has the ball 2 March 2018" in seen  # 4 March is a Sunday
    assert "8 days after the due day the chair of the responsible body 26 March 2018" in seen
    assert "Whoever has the ball: at most 2 times about one item and one due day." in seen
    assert "1 duty, 3 open turns" in seen
    assert "Too many mails." in seen
    assert "secretary of Group, or of a body above it" in page
    assert "Put it in force" not in page


def test_page_of_what_is_built_in(world: World, client_for: ClientFor):
    client = client_for(world.councillor)

    page = text(client.get("/policies/built-in/each_session/"))

    assert "Built in: it holds for duties that fall due “each session” wherever no policy is in force." in page
    assert "60 days before the due day" in page
    assert "1 duty, 3 open turns" in page
    assert "0 duties, 0 open turns" in text(client.get("/policies/built-in/general/"))
    assert client.get("/policies/built-in/periodic/").status_code == 404


@pytest.mark.parametrize("state", ["draft", "in force", "ended", "dropped"])
def test_page_says_how_a_policy_stands(world: World, client_for: ClientFor, state: str):
    policy = drafted(world)
    if state in {"in force", "ended"}:
        policy = steps.put_in_force(policy, reason="Now.", by=world.secretary)
    if state == "ended":
        policy = steps.end_policy(policy, reason="Enough.", by=world.secretary)
    if state == "dropped":
        policy = steps.drop_draft(policy, by=world.secretary)

    page = text(client_for(world.secretary).get(f"/policies/{policy.pk}/"))

    words = {
        "draft": "A draft, for",
        "in force": "In force, for",
        "ended": "Ended; it was",
        "dropped": "given up; it was",
    }
    assert words[state] in page


def test_pages_of_rules_setup_and_the_item_lead_there(world: World, client_for: ClientFor):
    client = client_for(world.secretary)

    for page in ("/calendar/group/rules/", "/setup/"):
        assert "/policies/" in client.get(page).content.decode()


# ── drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_form_starts_from_a_ladder_and_keeps_a_draft(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    given = filled(client.get(ADD, {"start": "each_session"}))
    assert given["days-1"] == 60

    answer = client.post(
        f"{ADD}?start=each_session",
        {
            **given,
            "name": "Fewer",
            "kind": "once",
            "remove-1": "on",
            "days-2": "",
            "days-10": "0",
            "when-10": "due--after",
        },
    )

    draft = ReminderPolicy.objects.get()
    assert answer.headers["Location"] == f"/policies/{draft.pk}/"
    expected = [one for one in ladders.ANNUAL_REPORT.rungs if one.days not in {-60, -30}]
    assert set(ladders.read(draft.rungs)) == {*expected, Rung(0)}
    assert (draft.name, draft.kind, draft.keeps_quiet) == ("Fewer", "once", True)


def test_more_lines_are_shown_without_keeping_anything(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    given = filled(client.get(ADD))

    more = client.post(ADD, {**given, "name": "Fewer", "more": "yes"})

    assert (more.status_code, len(more.context["form"].lines())) == (200, len(ladders.GENERAL.rungs) + 4)
    assert 'value="Fewer"' in more.content.decode()
    assert not ReminderPolicy.objects.exists()


def test_wrong_line_is_told_beside_it(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    given = {**filled(client.get(ADD)), "name": "Fewer", "days-1": "", "days-3": "14"}

    refused = client.post(ADD, given)

    assert refused.status_code == 400
    assert "the same stands above already" in " ".join(refused.context["form"].errors["days-3"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"days-1": "-3"},
        {"days-1": "367"},
        {"days-1": "x"},
        {"when-1": "moon"},
        {"whom-1": "everybody"},
        {"most_per_item": "0"},
        {"grace_days": "999"},
        {"name": ""},
        {"name": "x\x00y"},
        {"kind": "yearly"},
        {"resolution": "999999"},
        {f"days-{number}": "" for number in range(1, 30)},
    ],
)
def test_bad_input_is_refused_with_its_words_kept(world: World, client_for: ClientFor, wrong: dict[str, str]):
    client = client_for(world.secretary)
    given = {**filled(client.get(ADD)), "name": "Fewer", **wrong}

    refused = client.post(ADD, given)

    assert refused.status_code == 400
    assert refused.context["form"].errors
    assert not ReminderPolicy.objects.exists()


def test_draft_for_one_duty(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    address = f"{ADD}?duty={world.obligation.pk}"
    page = client.get(address)
    assert "Only for the duty Annual report" in text(page)

    client.post(address, {**filled(page), "name": "For this one"})

    assert ReminderPolicy.objects.get().scope == f"obligation:{world.obligation.pk}"
    assert client.get(f"{ADD}?duty=999999").status_code == 404
    assert client.get(f"{ADD}?duty=x").status_code == 404


def test_change_form_keeps_what_is_not_touched(world: World, client_for: ClientFor):
    rule = steps.add_deadline_rule(world.council, name="Papers", days_before=14, by=world.secretary)
    rungs = (*FEW, Rung(-3, anchor="deadline", deadline=rule.pk, working=True), Rung(20, anchor="untouched"))
    draft = drafted(world, rungs=rungs)
    client = client_for(world.secretary)
    given = filled(client.get(f"/policies/{draft.pk}/change/"))

    client.post(f"/policies/{draft.pk}/change/", {**given, "most_per_item": "4"})

    draft.refresh_from_db()
    assert (draft.most_per_item, set(ladders.read(draft.rungs))) == (4, set(rungs))


# ── in force ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_put_in_force_shows_whose_mails_change_and_does_it(world: World, client_for: ClientFor):
    draft = drafted(world)
    client = client_for(world.secretary)
    address = f"/policies/{draft.pk}/put-in-force/"

    page = client.get(address)
    assert "Mails within a year until now: 6 → with the draft: 3" in text(page)
    assert re.search(r"Chair 5 3", text(page))
    answer = client.post(address, {"reason": "Too many mails.", "seen": page.context["page"].seen})

    assert answer.headers["Location"] == f"/policies/{draft.pk}/"
    assert ReminderPolicy.objects.get().state == "in_force"


def test_what_changed_meanwhile_is_shown_once_more(world: World, client_for: ClientFor):
    draft = drafted(world)
    client = client_for(world.secretary)
    address = f"/policies/{draft.pk}/put-in-force/"
    seen = client.get(address).context["page"].seen
    steps.change_policy(draft, by=world.secretary, grace_days=9)

    refused = client.post(address, {"reason": "Too many mails.", "seen": seen})

    assert refused.status_code == 409
    assert "Something has changed since you looked" in text(refused)
    assert ReminderPolicy.objects.get().state == "draft"


def test_ending_and_giving_up_by_their_pages(world: World, client_for: ClientFor):
    policy = steps.put_in_force(drafted(world), reason="Now.", by=world.secretary)
    draft = drafted(world, name="Other")
    client = client_for(world.secretary)

    assert client.post(f"/policies/{policy.pk}/end/", {"reason": ""}).status_code == 400
    client.post(f"/policies/{policy.pk}/end/", {"reason": "Enough."})
    client.post(f"/policies/{draft.pk}/drop/", {})

    assert set(ReminderPolicy.objects.values_list("state", flat=True)) == {"ended"}
    assert client.post(f"/policies/{policy.pk}/end/", {"reason": "Twice."}).status_code == 409


# ── the year foretold ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_simulation_shows_each_persons_months_and_days(world: World, client_for: ClientFor):
    draft = drafted(world)
    client = client_for(world.secretary)

    page = text(client.get("/policies/simulation/", {"draft": draft.pk, "person": world.chair.pk}))

    assert "With the draft “Fewer reminders” 3 mails would go out within a year, instead of 6." in page
    assert "The mails of Chair" in page
    assert "15 March 2018 now Annual report r1-1.2-c18, 3 days before the due day" in page
    assert "26 March 2018 now and then" in page


def test_simulation_without_a_draft_is_open_to_every_account(world: World, client_for: ClientFor):
    assert "6 mails with reminders" in text(client_for(world.councillor).get("/policies/simulation/"))
    assert "0 mails with reminders" in text(client_for(world.outsider).get("/policies/simulation/"))


@pytest.mark.parametrize("asked", ["body=gone", "draft=999", "draft=x", "draft=-1", "body=%00", "draft=" + "9" * 30])
def test_simulation_of_what_is_not_there_is_missing(world: World, client_for: ClientFor, asked: str):
    client = client_for(world.secretary)

    assert client.get(f"/policies/simulation/?{asked}").status_code == 404
    assert client.get(f"/policies/simulation.csv?{asked}").status_code == 404


def test_simulation_as_a_table(world: World, client_for: ClientFor):
    draft = drafted(world)

    rows = (
        client_for(world.secretary).get("/policies/simulation.csv", {"draft": draft.pk}).content.decode().splitlines()
    )

    assert "Chair,2018-03,4,3" in rows
    assert (
        "Chair,2018-03-26,with the draft,council/r1-1.2-c18,Annual report,2018-03-18,8 days after the due day" in rows
    )


def test_simulation_by_command(world: World):
    draft = drafted(world)
    out = StringIO()

    call_command("simulate_reminders", body="group", draft=draft.pk, stdout=out)

    assert "5 -> 3  Chair" in out.getvalue()
    assert "6 -> 3  in all" in out.getvalue()
    with pytest.raises(CommandError, match="no body gone"):
        call_command("simulate_reminders", body="gone")


def test_simulation_counts_nothing_that_its_reader_may_not_see(world: World, client_for: ClientFor):
    Obligation.objects.filter(pk=world.obligation.pk).update(visibility="restricted")

    assert "0 mails" in text(client_for(world.councillor).get("/policies/simulation/"))
    assert "6 mails" in text(client_for(world.chair).get("/policies/simulation/"))

"""The decisions of a session, many at once: one decision a citation, one event an item, each with its own result."""

import time
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.record import everything, verified
from tracker.models import Decision, Event, Obligation, Occurrence
from workflows import steps

pytestmark = pytest.mark.django_db
A_ROW = 22
"""What each further row of a batch asks of the database, savepoints included."""
CITED = steps.Citation("C17/119", "4.2", "noted", date(2017, 5, 18))


def items(*turns, **own):
    return [steps.Decided(turn, **own) for turn in turns]


def turns_of(world):
    """The turns for Council 2016 and 2017, endorsed, and the one for 2018, only assigned."""
    before = Occurrence.objects.get(reference="council/r1-1.2-c16")
    return world.walk("endorsed", before), world.walk("endorsed", world.past), world.walk("assigned", world.due)


def closings():
    return Event.objects.filter(verb__in=["occurrence.closed", "occurrence.waived"])


def test_batch_closes_what_was_endorsed_by_one_decision_and_refuses_the_rest(world):
    one, two, three = turns_of(world)

    found = steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(one, two, three))

    assert [row.done for row in found] == [True, True, False]
    assert "Possible once the report has been endorsed." in found[2].why
    assert [Occurrence.objects.get(pk=turn.pk).status for turn in (one, two, three)] == ["closed", "closed", "assigned"]
    assert Decision.objects.get() == found[0].decision == found[1].decision
    assert closings().count() == 2
    assert closings().values("request_id").distinct().count() == 1
    assert verified()


def test_batch_takes_an_outcome_of_its_own_for_each_item(world):
    one, two, three = turns_of(world)
    rows = [steps.Decided(one), steps.Decided(two, outcome="approved", paragraph="4.3"), steps.Decided(three, "waived")]

    steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=rows)

    assert sorted(Decision.objects.values_list("paragraph", "outcome")) == [
        ("4.2", "noted"),
        ("4.2", "waived"),
        ("4.3", "approved"),
    ]
    assert Occurrence.objects.get(pk=three.pk).status == "waived"
    assert Event.objects.filter(verb="decision.recorded").values("request_id").distinct().count() == 1


def test_batch_of_which_nothing_is_settled_leaves_no_decision(world):
    *_others, three = turns_of(world)
    before = everything()

    (row,) = steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(three))

    assert not row.done
    assert everything() == before


def test_preview_says_what_the_act_will_do_and_changes_nothing(world):
    turns = turns_of(world)
    before = everything()

    will = steps.would_decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(*turns))

    assert everything() == before
    did = steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(*turns))
    assert [(one.done, one.why) for one in will] == [(one.done, one.why) for one in did]


def test_batch_is_the_secretary_s_alone(world):
    one, *_others = turns_of(world)

    with pytest.raises(PermissionDenied, match=r"Only the secretary can do this: at present Secretary, Council"):
        steps.decide(world.sessions["C17"], by=world.chair, cited=CITED, items=items(one))


@pytest.mark.parametrize(
    ("cited", "field"),
    [
        (steps.Citation(" ", "4.2", "noted"), "document"),
        (steps.Citation("C17/119", "", "noted"), "paragraph"),
        (steps.Citation("C17/119", "4.2", "sung"), "outcome"),
        (steps.Citation("C17/119", "4.2", "noted", date(2030, 1, 1)), "decided_on"),
        (steps.Citation("C17/\x00", "4.2", "noted"), "document"),
    ],
)
def test_batch_whose_citation_is_refused_does_nothing(world, cited, field):
    one, *_others = turns_of(world)
    before = everything()

    with pytest.raises(ValidationError) as refusal:
        steps.decide(world.sessions["C17"], by=world.secretary, cited=cited, items=items(one))

    assert field in refusal.value.message_dict
    assert everything() == before


def test_batch_names_each_item_once(world):
    one, *_others = turns_of(world)

    with pytest.raises(ValidationError, match="Name each item once"):
        steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(one, one))


def test_session_that_has_not_opened_decides_nothing(world):
    one, *_others = turns_of(world)

    with pytest.raises(ValidationError, match="once Council 2018 has opened on 17 April 2018"):
        steps.decide(world.sessions["C18"], by=world.secretary, cited=CITED, items=items(one))


def test_what_the_body_deferred_stays_open(world):
    one, *_others = turns_of(world)

    with pytest.raises(ValidationError, match="deferred"):
        steps.close(one, by=world.secretary, decision=world.decide(outcome="deferred"))
    (row,) = steps.decide(
        world.sessions["C17"], by=world.secretary, cited=CITED, items=[steps.Decided(one, outcome="deferred")]
    )

    assert not row.done
    assert Occurrence.objects.get(pk=one.pk).status == "endorsed"


def page(world, client_for, **given):
    return client_for(world.secretary).post("/decisions/?session=council/c17", given)


def posted(*turns, **more):
    rows = {f"row-{turn.pk}-chosen": "on" for turn in turns}
    citation = {"document": "C17/119", "paragraph": "4.2", "outcome": "noted", "precision": "day"}
    return {**citation, "decided_on": "2017-05-18", **rows, **more}


def asked(world, turns, about):
    """How often a batch of these turns asks for what stands in a table."""
    with CaptureQueriesContext(connection) as queries:
        found = steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(*turns))
    assert all(row.done for row in found)
    return sum(f'FROM "{about}"' in query["sql"] for query in queries)


@pytest.mark.parametrize("number", [1, 2])
def test_batch_asks_once_who_decides_however_many_rows_it_has(world, number):
    one, two, _three = turns_of(world)

    assert asked(world, (one, two)[:number], "tracker_term") == 2  # the batch, then its decision and its rows together


def test_single_steps_ask_each_for_themselves_who_decides(world):
    one, two, _three = turns_of(world)

    assert asked(world, (one,), "tracker_term") + asked(world, (two,), "tracker_term") > 2


def test_rows_of_a_batch_cost_a_bounded_number_of_questions_each(world):
    one, two, _three = turns_of(world)
    with CaptureQueriesContext(connection) as many:
        steps.would_decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(one, two))
    with CaptureQueriesContext(connection) as few:
        steps.would_decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(one))

    assert len(many) - len(few) == A_ROW


def test_page_lists_the_session_s_own_items_first(world, client_for):
    one, two, _three = turns_of(world)

    answer = client_for(world.secretary).get("/decisions/?session=council/c17")

    (_key, _title, awaiting, _more), *_rest = answer.context["lists"]
    assert [row.occurrence.pk for row in awaiting] == [two.pk, one.pk]


def test_page_previews_row_by_row_and_then_puts_it_on_record(world, client_for):
    one, two, _three = turns_of(world)
    other = f"row-{one.pk}-outcome"

    preview = page(world, client_for, act="preview", **posted(one, two, **{other: "waived"}))

    assert preview.status_code == 200
    assert "1 will be closed, 1 will be waived" in " ".join(preview.content.decode().split())
    assert Occurrence.objects.get(pk=one.pk).status == "endorsed"
    assert page(world, client_for, act="decide", **posted(one, two, **{other: "waived"})).status_code == 302
    assert [Occurrence.objects.get(pk=turn.pk).status for turn in (one, two)] == ["waived", "closed"]


def test_page_says_what_is_missing_and_keeps_what_was_ticked(world, client_for):
    one, *_others = turns_of(world)

    answer = page(world, client_for, act="decide", **(posted(one) | {"document": ""}))

    assert answer.status_code == 400
    assert "checked" in answer.content.decode()
    assert page(world, client_for, act="decide", **posted()).status_code == 400
    assert not Decision.objects.exists()


def test_page_is_for_those_who_may_record_decisions(world, client_for):
    assert client_for(world.chair).get("/decisions/").status_code == 403
    assert client_for(world.secretary).get("/decisions/?session=council/c18").status_code == 404
    assert client_for(world.secretary).get("/decisions/?session=%00").status_code == 404


@pytest.mark.parametrize(("endorsed", "queries"), [(["C16"], 20), (["C16", "C17", "C18"], 18)])
def test_number_of_queries_of_the_page_does_not_grow_with_its_rows(
    world, client_for, django_assert_num_queries, endorsed, queries
):
    """Two less with three rows: then the list of what can only be waived is empty, and none of its rows is read."""
    client = client_for(world.secretary)
    for code in endorsed:
        world.walk("endorsed", Occurrence.objects.get(reference=f"council/r1-1.2-{code.lower()}"))
    client.get("/decisions/?session=council/c17")

    with django_assert_num_queries(queries):
        answer = client.get("/decisions/?session=council/c17")

    assert len(answer.context["lists"][0][2]) == len(endorsed)


@pytest.mark.slow
def test_batch_of_a_hundred_items_is_one_decision_and_a_hundred_events(world):
    turns = []
    for number in range(2, 102):
        duty = Obligation.objects.get(pk=world.obligation.pk)
        duty.pk, duty.number, duty._state.adding = None, number, True
        duty.save()
        steps.plan_turns(duty)
        turn = Occurrence.objects.get(obligation=duty, session=world.sessions["C17"])
        turns.append(steps.enter_from_record(turn, by=world.secretary, source="C17/17"))
    turns.append(world.due)

    started = time.perf_counter()
    found = steps.decide(world.sessions["C17"], by=world.secretary, cited=CITED, items=items(*turns))
    took = time.perf_counter() - started

    assert sum(row.done for row in found) == 100
    assert closings().count() == 100
    assert Decision.objects.count() == 1
    assert took < 60, took


def test_api_tells_what_became_of_each_row(world, client_for):
    one, two, three = turns_of(world)
    body = {
        "session": "council/c17",
        "document": "C17/119",
        "paragraph": "4.2",
        "outcome": "noted",
        "decided_on": "2017-05-18",
        "occurrences": [
            {"reference": one.reference},
            {"reference": two.reference, "outcome": "approved"},
            {"reference": three.reference},
            {"reference": "council/nothing"},
        ],
    }
    client = client_for(world.secretary)

    preview = client.post("/api/v1/decisions/", body | {"preview": True}, "application/json").json()
    answer = client.post("/api/v1/decisions/", body, "application/json").json()

    assert preview == answer | {"preview": True}
    assert (answer["closed"], answer["waived"], answer["refused"]) == (2, 0, 2)
    assert [row["done"] for row in answer["results"]] == [True, True, False, False]
    assert [row["refusal"]["status"] for row in answer["results"][2:]] == [409, 404]
    assert answer["results"][2]["refusal"]["when"]["status"] == "assigned"
    assert answer["results"][1]["decision"]["outcome"] == "approved"
    refused = client_for(world.chair).post("/api/v1/decisions/", body, "application/json")
    assert refused.status_code == 403
    assert refused.json()["who"][0]["office"] == "council/secretary"


@pytest.mark.parametrize(
    "bad",
    [
        {"occurrences": []},
        {"occurrences": [{"reference": "\x00"}]},
        {"occurrences": [{"reference": "council/r1-1.2-c17"}, {"reference": "council/r1-1.2-c17"}]},
        {"occurrences": "all"},
        {"session": "council/c99"},
        {"decided_on": "9999-12-31"},
        {"document": "\x00"},
    ],
)
def test_api_refuses_what_it_cannot_read(world, client_for, bad):
    body = {
        "session": "council/c17",
        "document": "C17/119",
        "paragraph": "4.2",
        "outcome": "noted",
        "occurrences": [{"reference": "council/r1-1.2-c17"}],
    }

    answer = client_for(world.secretary).post("/api/v1/decisions/", body | bad, "application/json")

    assert answer.status_code == 400

"""An office that no one holds is said beside the counts, which add up all the same."""

import csv
import io

import pytest
from rest_framework.test import APIClient

from tracker import exports, queries
from tracker.models import Occurrence, Person, Term
from tracker.summaries import Filters, overview
from workflows import steps

pytestmark = pytest.mark.django_db
REFERENCE = "council/r1-1.2-c18"


@pytest.fixture
def vacated(world):
    """The turn for Council 2018 is led by an office whose holder left on 31 January."""
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    Term.objects.filter(office=world.offices["contributor"]).update(ends="2018-01-31")
    return world


def vacant(day: str = "2018-02-16") -> list[str]:
    return list(queries.vacant(Occurrence.objects.all(), day).values_list("reference", flat=True))


def seen(world, code="C18"):
    return overview(world.councillor, world.council, world.sessions[code] if code else None)


def test_vacant_is_what_an_office_without_a_holder_leads(vacated):
    assert vacant() == [REFERENCE]
    assert vacant("2018-01-31") == []


def test_office_with_a_holder_leads_nothing_vacant(vacated):
    Term.objects.create(office=vacated.offices["contributor"], person=vacated.helper, begins="2018-02-01")

    assert vacant() == []


def test_alternate_is_no_holder(vacated):
    Term.objects.create(office=vacated.offices["contributor"], person=vacated.helper, part=Term.Part.ALTERNATE)

    assert vacant() == [REFERENCE]


def test_office_of_somebody_who_has_left_is_vacant(world):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    Person.objects.filter(pk=world.contributor.pk).update(is_active=False)

    assert vacant() == [REFERENCE]


def test_person_asked_themselves_is_no_vacancy(world):
    world.walk("assigned")

    assert vacant() == []


@pytest.mark.parametrize("status", ["submitted", "endorsed"])
def test_what_was_handed_in_is_nobodys_vacancy(world, status):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    turn = steps.accept(world.due, by=world.contributor)
    turn = steps.submit(turn, by=world.contributor, text="What was done.")
    if status == "endorsed":
        steps.endorse(turn, by=world.chair)
    Term.objects.filter(office=world.offices["contributor"]).update(ends="2018-01-31")

    assert vacant() == []


@pytest.mark.parametrize("code", ["C18", ""])
def test_vacancy_stands_beside_the_counts_and_they_add_up(vacated, code):
    found = seen(vacated, code)

    assert found.vacant.count == 1
    assert sum(count.number.count for count in found.counts) == found.occurrences.count


def test_number_of_vacant_turns_has_a_list_of_that_many_rows(vacated, client_for):
    page = client_for(vacated.councillor).get(f"/occurrences/?{seen(vacated).vacant.query}")

    assert [one.reference for one in page.context["page_obj"]] == [REFERENCE]
    assert "led by an office that no one holds" in page.content.decode().lower()


def test_council_page_says_it_only_where_there_is_one(vacated, client_for):
    client = client_for(vacated.councillor)
    words = "is led by an office that no one holds"

    assert words in client.get("/council/council/c18/").content.decode()
    assert words not in client.get("/council/council/c17/").content.decode()


def test_row_of_a_vacant_turn_says_that_no_one_holds_the_office(vacated, client_for):
    client = client_for(vacated.councillor)

    for place in ("/occurrences/?body=council&session=c18", "/council/council/c18/"):
        assert "no one holds this office" in client.get(place).content.decode()


def test_csv_says_how_many(vacated):
    rows = list(csv.reader(io.StringIO(exports.council_csv(seen(vacated)).lstrip("\ufeff"))))

    assert ["Of these led by an office that no one holds", "1"] in rows


def test_api_says_how_many_and_lists_them(vacated):
    client = APIClient()
    client.force_authenticate(vacated.councillor)

    assert client.get("/api/v1/overview/?body=council&session=c18").json()["vacant"]["count"] == 1
    found = {
        value: {one["reference"] for one in client.get(f"/api/v1/occurrences/?vacant={value}").json()["results"]}
        for value in ("true", "false")
    }
    assert found["true"] == {REFERENCE}
    assert found["true"] | found["false"] == set(Occurrence.objects.values_list("reference", flat=True))
    assert not found["true"] & found["false"]


def test_filters_carry_the_vacancy(vacated):
    assert Filters(vacant=True).query() == "vacant=1"

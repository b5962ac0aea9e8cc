"""The intake page: the text, each item accounted for, duties confirmed, and the version confirmed at last."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tracker.models import Event, Obligation, Paragraph, Resolution, Version
from workflows import steps

pytestmark = pytest.mark.django_db
TEXT = """RESOLUTION 7 (C15)

On a register of texts

The Council,

considering

a) that texts are many;

resolves

1 to report to the Council annually on the register;

2 to continue to keep the register open.
"""


@pytest.fixture
def version(world):
    return steps.import_version(world.council, text=TEXT, by=world.secretary)


def address(version, name="intake", **more):
    place = {"body": "council", "slug": version.resolution.slug, "label": version.label}
    return reverse(name, kwargs=place | more)


def item(version, path):
    return version.paragraphs.get(kind=Paragraph.Kind.OPERATIVE, path=path)


def words(version, path, **fields):
    """The words of the form that accounts for an item."""
    prefix = f"item-{item(version, path).position}"
    return {"act": "dispose", "item": path} | {f"{prefix}-{name}": value for name, value in fields.items()}


def test_page_shows_the_text_with_the_words_that_were_read_and_names_what_is_open(world, client_for, version):
    page = client_for(world.secretary).get(address(version))

    html = page.content.decode()
    assert page.status_code == 200
    assert "0 of 2 items accounted for" in html
    assert '<mark class="found">to the Council annually</mark>' in html
    assert list(page.context["missing"]) == ["1", "2"]
    assert "proposed, not confirmed" in html


def test_walk_from_the_first_item_to_the_confirmed_version(world, client_for, version):
    client = client_for(world.secretary)
    client.post(address(version), words(version, "1", disposition="tracked"))
    client.post(address(version), words(version, "2", disposition="declaratory", reason="A stand, not a duty."))
    for duty in Obligation.objects.filter(paragraph=item(version, "1")):
        client.post(address(version), {"act": "confirm_duty", "item": "1", "duty": duty.pk})

    ready = client.get(address(version)).content.decode()
    done = client.post(address(version), {"act": "confirm"}, follow=True)

    assert "2 of 2 items accounted for" in ready
    assert "Confirm this version" in ready
    assert "The intake is confirmed" in done.content.decode()
    version.refresh_from_db()
    assert (version.tracking, version.unaccounted) == ("confirmed", 0)
    assert version.resolution.occurrences.exists()


def test_version_is_not_confirmed_before_all_is_accounted_for(world, client_for, version):
    answer = client_for(world.secretary).post(address(version), {"act": "confirm"})

    assert answer.status_code == 409
    version.refresh_from_db()
    assert version.tracking == Version.Tracking.INTAKE


def test_declaratory_item_without_a_reason_is_an_error_of_its_form(world, client_for, version):
    before = Event.objects.count()

    answer = client_for(world.secretary).post(address(version), words(version, "2", disposition="declaratory"))

    form = next(one.form for one in answer.context["operative"] if one.paragraph.path == "2")
    assert answer.status_code == 400
    assert "reason" in form.errors
    assert Event.objects.count() == before


def test_item_is_covered_by_another_one_and_taken_back(world, client_for, version):
    client = client_for(world.secretary)
    client.post(address(version), words(version, "1", disposition="tracked"))
    client.post(address(version), words(version, "2", disposition="covered", covered_by=item(version, "1").pk))
    covered = item(version, "2").covered_by

    position = item(version, "2").position
    client.post(address(version), {"act": "take_back", "item": "2", f"back-{position}-reason": "A slip."})

    assert covered == item(version, "1")
    assert item(version, "2").disposition == ""


def test_item_accounted_for_twice_is_a_conflict(world, client_for, version):
    client = client_for(world.secretary)
    given = words(version, "1", disposition="tracked")
    client.post(address(version), given)

    assert client.post(address(version), given).status_code == 409


@pytest.mark.parametrize("act", ["dispose", "confirm"])
def test_only_the_secretary_accounts_for_items(world, client_for, version, act):
    given = words(version, "1", disposition="tracked") | {"act": act}

    answer = client_for(world.councillor).post(address(version), given)

    assert answer.status_code == 403
    assert item(version, "1").disposition == ""
    assert "Account for it" not in client_for(world.councillor).get(address(version)).content.decode()


@pytest.mark.parametrize(
    "given", [{"act": "vanish"}, {}, {"act": "dispose", "item": "99"}, {"act": "confirm_duty", "duty": "x" * 300}]
)
def test_unknown_step_or_item_is_refused_clearly(world, client_for, version, given):
    assert client_for(world.secretary).post(address(version), given).status_code in {400, 404}


def test_unknown_version_is_not_found(world, client_for, version):
    assert client_for(world.secretary).get(address(version).replace("C15", "C99")).status_code == 404


def test_duty_is_changed_and_has_to_be_confirmed_anew(world, client_for, version):
    duty = Obligation.objects.get(paragraph=item(version, "1"))
    page = client_for(world.secretary).get(address(version, "intake_duty", item="1", number=duty.pk))
    given = {name: value for name, value in page.context["form"].initial.items() if value not in (None, "")}

    answer = client_for(world.secretary).post(
        address(version, "intake_duty", item="1", number=duty.pk), given | {"title": "Report", "offset_days": "-14"}
    )

    duty.refresh_from_db()
    assert answer.status_code == 302
    assert (duty.title, duty.offset_days, duty.confirmed) == ("Report", -14, False)


def test_duty_is_added_and_dropped(world, client_for, version):
    client = client_for(world.secretary)
    given = {
        "title": "Keep it open",
        "kind": "on_event",
        "anchor": "none",
        "offset_days": "0",
        "responsible": world.group.pk,
        "endorser": world.offices["chair"].pk,
        "visibility": "members",
    }
    before = Obligation.objects.count()
    added = client.post(address(version, "intake_new_duty", item="2"), given)
    duty = Obligation.objects.get(title="Keep it open")

    place = address(version, "intake_duty", item="2", number=duty.pk)
    without = client.post(place, {"act": "drop"})
    dropped = client.post(place, {"act": "drop", "drop-reason": "It is no duty."})

    assert (added.status_code, without.status_code, dropped.status_code) == (302, 400, 302)
    assert Obligation.objects.count() == before


def test_duty_without_its_words_is_an_error_of_the_form(world, client_for, version):
    answer = client_for(world.secretary).post(address(version, "intake_new_duty", item="2"), {"title": "\x00"})

    assert answer.status_code == 400
    assert {"title", "endorser"} <= set(answer.context["form"].errors)


# A text comes in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["written", "file"])
def test_text_comes_in_and_leads_to_its_intake(world, client_for, way):
    text = {"text": TEXT} if way == "written" else {"file": SimpleUploadedFile("r7.txt", TEXT.encode())}

    answer = client_for(world.secretary).post(
        reverse("import"), {"body": world.council.pk, "visibility": "public"} | text, follow=True
    )

    assert answer.redirect_chain == [("/resolutions/council/r7/intake/C15/", 302)]
    assert Resolution.objects.get(slug="r7").versions.get().unaccounted == 2


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": "Nothing that resolves."},
        {"text": TEXT + "\x00"},
        {"file": SimpleUploadedFile("r7.pdf", b"%PDF-1.7 \x00\x01")},
        {"file": SimpleUploadedFile("r7.txt", b"")},
        {"text": TEXT, "label": "no label at all"},
        {"text": TEXT, "in_force_from": "2018-02-31"},
    ],
)
def test_text_that_is_none_is_an_error_of_the_form_and_nothing_is_entered(world, client_for, given):
    before = Version.objects.count()

    answer = client_for(world.secretary).post(
        reverse("import"), {"body": world.council.pk, "visibility": "public"} | given
    )

    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert Version.objects.count() == before


def test_only_a_secretary_brings_a_text_in(world, client_for):
    assert client_for(world.chair).get(reverse("import")).status_code == 403

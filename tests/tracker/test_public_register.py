"""The public register: a stranger reads what is public, and nothing else leaves a trace."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tracker.models import Evidence, Obligation, Report, Visibility
from workflows import steps

PUBLIC, MEMBERS, RESTRICTED = Visibility.PUBLIC, Visibility.MEMBERS, Visibility.RESTRICTED


@pytest.fixture
def stranger() -> Client:
    return Client()


@pytest.fixture
def paper(world, settings, tmp_path) -> Evidence:
    """An endorsed report with a file, both for members."""
    settings.MEDIA_ROOT = tmp_path
    turn = world.walk("in_progress")
    file = SimpleUploadedFile("report.html", b"<script>alert(1)</script>", content_type="text/html")
    turn = steps.submit(turn, by=world.contributor, text="The whole report.", symbol="C18/15", files=[file])
    steps.endorse(turn, by=world.chair)
    return Evidence.objects.get()


def publish(paper: Evidence, visibility: str = PUBLIC) -> None:
    Report.objects.update(visibility=visibility)
    Evidence.objects.update(visibility=visibility)


def test_stranger_reads_a_public_report_and_keeps_its_file(paper, stranger):
    publish(paper)

    page = stranger.get("/public/").content.decode()
    assert "C18/15" in page
    assert 'href="/log/"' in page
    assert "The whole report." in stranger.get(f"/public/reports/{paper.report_id}/").content.decode()
    file = stranger.get(f"/public/files/{paper.pk}/")
    assert b"".join(file.streaming_content) == b"<script>alert(1)</script>"


def test_file_is_an_attachment_that_no_browser_runs(paper, stranger):
    publish(paper)

    file = stranger.get(f"/public/files/{paper.pk}/")

    assert file["Content-Disposition"] == 'attachment; filename="report.html"'
    assert file["Content-Type"] == "application/octet-stream"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file["Content-Security-Policy"]
    file.close()


@pytest.mark.parametrize("visibility", [MEMBERS, RESTRICTED])
def test_what_is_not_public_looks_like_what_is_not_there(paper, stranger, visibility):
    publish(paper, visibility)

    assert "C18/15" not in stranger.get("/public/").content.decode()
    for there, missing in (
        (f"/public/reports/{paper.report_id}/", "/public/reports/999/"),
        (f"/public/files/{paper.pk}/", "/public/files/999/"),
    ):
        answers = [stranger.get(path) for path in (there, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        there_said, missing_said = (answer.content.decode().partition('class="problem"')[2] for answer in answers)
        assert there_said == missing_said != ""


def test_report_that_is_not_endorsed_is_no_output_document(world, stranger, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    turn = world.walk("in_progress")
    file = SimpleUploadedFile("draft.txt", b"draft")
    turn = steps.submit(turn, by=world.contributor, text="A draft.", symbol="C18/15", files=[file])
    paper = Evidence.objects.get()
    publish(paper)

    assert "C18/15" not in stranger.get("/public/").content.decode()
    assert stranger.get(f"/public/files/{paper.pk}/").status_code == 404
    steps.send_back(turn, by=world.chair, reason="Not yet.")
    assert stranger.get(f"/public/files/{paper.pk}/").status_code == 404


@pytest.mark.parametrize("where", ["resolution", "obligation"])
def test_public_paper_of_a_restricted_thing_stays_with_it(paper, world, stranger, where):
    publish(paper)
    thing = world.resolution if where == "resolution" else Obligation.objects.get()
    type(thing).objects.update(visibility=RESTRICTED)

    assert "C18/15" not in stranger.get("/public/").content.decode()
    assert stranger.get(f"/public/files/{paper.pk}/").status_code == 404


def test_file_that_is_gone_from_the_disk_is_404(paper, stranger):
    publish(paper)
    paper.file.storage.delete(paper.file.name)

    assert stranger.get(f"/public/files/{paper.pk}/").status_code == 404


def test_register_is_searched_by_words(paper, stranger):
    publish(paper)

    assert stranger.get("/public/?words=annual+c18/15").context["shown"] == 1
    assert stranger.get("/public/?words=nothing").context["shown"] == 0
    assert stranger.get("/public/?words=%00").status_code == 400


def test_register_with_nothing_in_it_says_what_will_come(world, stranger):
    assert "No output document is public yet" in stranger.get("/public/").content.decode()


def test_start_leads_a_stranger_to_the_register_and_others_to_their_tasks(world, stranger, client_for):
    assert stranger.get("/")["Location"] == "/public/"
    assert client_for(world.chair).get("/")["Location"] == "/tasks/"


def test_menu_of_a_stranger_has_only_what_is_public(world, stranger):
    labels = [entry.label for entry in stranger.get("/public/").context["nav"]]

    assert labels == ["Resolutions", "Public register"]


def test_menu_follows_the_offices(world, client_for):
    def labels(name):
        return {entry.label for entry in client_for(world.people[name]).get("/public/").context["nav"]}

    assert {"Board"} <= labels("chair")
    assert {"Board", "Setup", "People"} <= labels("secretary")
    assert not {"Board", "Setup", "People"} & labels("councillor")


def test_report_handed_in_as_public_stands_in_the_register_once_endorsed(world, stranger):
    turn = steps.submit(
        world.walk("in_progress"), by=world.contributor, text="All of it.", symbol="C18/16", visibility=PUBLIC
    )
    before = stranger.get("/public/").content.decode()

    steps.endorse(turn, by=world.chair)

    assert "C18/16" not in before
    assert "C18/16" in stranger.get("/public/").content.decode()

"""The demonstration's letter box: open in the demonstration alone, to those who are logged in."""

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse


@pytest.fixture
def letters(settings, tmp_path):
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = str(tmp_path)
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend")
    for name, hour in (("chair", 9), ("contributor", 10)):
        headers = {"Date": f"Fri, 16 Feb 2018 {hour:02}:00:00 +0000"}
        mail = EmailMultiAlternatives(
            f"For the {name}: ✓",
            f"Read http://localhost:8000/items/{name}/\n",
            to=[f"{name}@resolves.example"],
            headers=headers,
        )
        mail.attach_alternative("<p>Read</p>", "text/html")
        backend.send_messages([mail])
    return tmp_path


def test_mailbox_shows_mails_newest_first_with_their_links(world, letters, client_for):
    page = client_for(world.councillor).get(reverse("mailbox")).content.decode()
    assert page.index("For the contributor: ✓") < page.index("For the chair: ✓")
    assert '<a href="http://localhost:8000/items/chair/"' in page


def test_mailbox_shows_the_mails_of_one_address(world, letters, client_for):
    page = client_for(world.councillor).get(reverse("mailbox"), {"to": "chair@resolves.example"}).content.decode()
    assert "For the chair" in page
    assert "For the contributor" not in page


@pytest.mark.parametrize("query", [{"to": "nobody\x00"}, {"page": "999999999999"}, {"page": "x"}])
def test_mailbox_takes_odd_queries(world, letters, client_for, query):
    assert client_for(world.councillor).get(reverse("mailbox"), query).status_code == 200


def test_mailbox_is_empty_before_the_first_mail(world, settings, tmp_path, client_for):
    settings.DEMO, settings.EMAIL_FILE_PATH = True, str(tmp_path / "none")
    assert "No mail yet" in client_for(world.councillor).get(reverse("mailbox")).content.decode()


def test_mailbox_asks_to_log_in(world, letters, client):
    assert client.get(reverse("mailbox")).status_code == 302


def test_mailbox_is_not_there_outside_the_demonstration(world, letters, settings, client_for):
    settings.DEMO = False
    assert client_for(world.secretary).get(reverse("mailbox")).status_code == 404

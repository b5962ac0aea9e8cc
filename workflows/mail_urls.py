"""The demonstration's letter box."""

from django.urls import path

from workflows.mail_views import mailbox

urlpatterns = [path("mail/", mailbox, name="mailbox")]

"""The addresses of the API."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api import calendar, calendar_steps, erasing, policies, policy_steps, views
from api.decisions import DecisionsView
from api.docs import TryPage
from api.errors import not_found
from api.overview import OverviewView
from api.receipts import ReceiptView
from api.talk import CommentsView, TakeBackView, WatchView
from api.telling import NoticeViews, NotificationsReadView, PreferencesView
from workflows.steps import ON_OCCURRENCE

router = SimpleRouter()
router.register("resolutions", views.ResolutionViews, basename="api-resolutions")
router.register("paragraphs", views.ParagraphViews, basename="api-paragraphs")
router.register("obligations", views.ObligationViews, basename="api-obligations")
router.register("occurrences", views.OccurrenceViews, basename="api-occurrences")
router.register("bodies", calendar.BodyViews, basename="api-bodies")
router.register("offices", calendar.OfficeViews, basename="api-offices")
router.register("sessions", calendar.SessionViews, basename="api-sessions")
router.register("meetings", calendar.MeetingViews, basename="api-meetings")
router.register("notices", NoticeViews, basename="api-notices")
router.register("policies", policies.PolicyViews, basename="api-policies")
router.register("events", views.EventViews, basename="api-events")

POLICY = "api/v1/policies/<int:pk>/"
OFFICE = "api/v1/offices/<slug:body>/<slug:office>/"

urlpatterns = [
    path("api/v1/", include(router.urls)),
    *[
        re_path(
            rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/steps/{step}/\Z",
            views.step_view(step),
            name=f"api-{step}",
        )
        for step in ON_OCCURRENCE
    ],
    re_path(
        rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/comments/\Z",
        CommentsView.as_view(),
        name="api-comments",
    ),
    re_path(
        rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/comments/(?P<number>[0-9]{{1,15}})/take-back/\Z",
        TakeBackView.as_view(),
        name="api-take-back-comment",
    ),
    re_path(rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/watch/\Z", WatchView.as_view(), name="api-watch"),
    re_path(
        rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/receipt/\Z", ReceiptView.as_view(), name="api-receipt"
    ),
    re_path(
        rf"^api/v1/occurrences/(?P<reference>{views.REFERENCE})/entries/(?P<number>[0-9]{{1,15}})/erase/\Z",
        erasing.EraseWordsView.as_view(),
        name="api-erase-words",
    ),
    path("api/v1/files/<int:number>/erase/", erasing.EraseFileView.as_view(), name="api-erase-file"),
    path("api/v1/retention/", erasing.RetentionView.as_view(), name="api-retention"),
    path("api/v1/retention/<slug:what>/", erasing.SetRetentionView.as_view(), name="api-set-retention"),
    path("api/v1/retention/<slug:what>/end/", erasing.EndRetentionView.as_view(), name="api-end-retention"),
    path("api/v1/agenda/", calendar.AgendaView.as_view(), name="api-agenda"),
    path(
        "api/v1/sessions/<slug:body>/<slug:code>/move/",
        calendar_steps.MoveSessionView.as_view(),
        name="api-move-session",
    ),
    path(
        "api/v1/meetings/<slug:body>/<int:number>/move/",
        calendar_steps.MoveMeetingView.as_view(),
        name="api-move-meeting",
    ),
    path(f"{OFFICE}appoint/", calendar_steps.AppointView.as_view(), name="api-appoint"),
    path(f"{OFFICE}terms/<int:pk>/end/", calendar_steps.EndTermView.as_view(), name="api-end-term"),
    path(f"{OFFICE}substitute/", calendar_steps.SubstituteView.as_view(), name="api-substitute"),
    path(
        f"{OFFICE}substitutions/<int:pk>/end/",
        calendar_steps.EndSubstitutionView.as_view(),
        name="api-end-substitution",
    ),
    path("api/v1/notifications/read/", NotificationsReadView.as_view(), name="api-notifications-read"),
    path("api/v1/preferences/", PreferencesView.as_view(), name="api-preferences"),
    path("api/v1/policies/draft/<slug:body>/", policy_steps.DraftPolicyView.as_view(), name="api-draft-policy"),
    path(f"{POLICY}change/", policy_steps.ChangePolicyView.as_view(), name="api-change-policy"),
    path(f"{POLICY}put-in-force/", policy_steps.PutInForceView.as_view(), name="api-put-in-force"),
    path(f"{POLICY}end/", policy_steps.EndPolicyView.as_view(), name="api-end-policy"),
    path(f"{POLICY}drop/", policy_steps.DropDraftView.as_view(), name="api-drop-draft"),
    path(f"{POLICY}simulation/", policies.SimulationView.as_view(), name="api-simulation"),
    path("api/v1/decisions/", DecisionsView.as_view(), name="api-decisions"),
    path("api/v1/overview/", OverviewView.as_view(), name="api-overview"),
    path("api/v1/token/end/", views.EndTokenView.as_view(), name="api-end-token"),
    path("api/v1/token/", views.TokenView.as_view(), name="api-token"),
    path(
        "api/schema/", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="api-schema"
    ),
    path("api/", TryPage.as_view(), name="api-try"),
    re_path(r"^api/[\s\S]*\Z", not_found),
]

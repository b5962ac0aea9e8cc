"""The addresses of the API."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api import views
from api.decisions import DecisionsView
from api.docs import TryPage
from api.errors import not_found
from api.overview import OverviewView
from api.receipts import ReceiptView
from api.talk import CommentsView, TakeBackView, WatchView
from workflows.steps import ON_OCCURRENCE

router = SimpleRouter()
router.register("resolutions", views.ResolutionViews, basename="api-resolutions")
router.register("paragraphs", views.ParagraphViews, basename="api-paragraphs")
router.register("obligations", views.ObligationViews, basename="api-obligations")
router.register("occurrences", views.OccurrenceViews, basename="api-occurrences")
router.register("events", views.EventViews, basename="api-events")

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
    path("api/v1/decisions/", DecisionsView.as_view(), name="api-decisions"),
    path("api/v1/overview/", OverviewView.as_view(), name="api-overview"),
    path("api/v1/token/", views.TokenView.as_view(), name="api-token"),
    path(
        "api/schema/", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="api-schema"
    ),
    path("api/", TryPage.as_view(), name="api-try"),
    re_path(r"^api/[\s\S]*\Z", not_found),
]

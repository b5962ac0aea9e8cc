"""The addresses of the reading pages."""

from django.urls import path

from tracker.views import council, history, occurrences, register, resolutions, status

urlpatterns = [
    path("", status.home, name="home"),
    path("healthz", status.healthz, name="healthz"),
    path("council/", council.start, name="council_start"),
    path("council/<slug:body>.csv", council.council_csv, name="council_csv"),
    path("council/<slug:body>/", council.council, name="council"),
    path("council/<slug:body>/<slug:code>.csv", council.council_csv, name="council_csv"),
    path("council/<slug:body>/<slug:code>/", council.council, name="council"),
    path("resolutions/", resolutions.resolutions, name="resolutions"),
    path("resolutions/<slug:body>/<slug:slug>/", resolutions.resolution, name="resolution"),
    path("occurrences/", occurrences.occurrences, name="occurrences"),
    path("history/", history.events, name="history"),
    path("public/", register.register, name="register"),
    path("public/reports/<int:number>/", register.report, name="public_report"),
    path("public/files/<int:number>/", register.document, name="public_file"),
]

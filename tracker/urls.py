"""The addresses of the reading pages."""

from django.urls import path

from tracker.views import (
    agenda,
    checks,
    council,
    history,
    occurrences,
    register,
    resolutions,
    search,
    status,
    traces,
    visits,
)

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
    path("calendar/agenda/", agenda.agenda, name="agenda"),
    path("calendar/year/", agenda.year_start, name="year_start"),
    path("calendar/year/<int:year>/", agenda.year, name="year"),
    path("search/", search.search_page, name="search"),
    path("history/", history.events, name="history"),
    path("history/export.csv", history.export, name="history_csv"),
    path("history/visits/", visits.seen, name="visits"),
    path("history/checks/", checks.checks_page, name="checks"),
    path("history/findings/", checks.findings_page, name="findings"),
    path("people/<int:number>/trace/", traces.trace, name="trace"),
    path("public/", register.register, name="register"),
    path("public/reports/<int:number>/", register.report, name="public_report"),
    path("public/files/<int:number>/", register.document, name="public_file"),
]

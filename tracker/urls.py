"""The addresses of the reading pages."""

from django.urls import path

from tracker.views import agenda, council, history, log, occurrences, register, resolutions, search, status, unsent

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
    path("unsent/", unsent.page, name="unsent"),
    path("history/", history.events, name="history"),
    path("items/<slug:body>/<str:short>/receipt/", log.receipt, name="receipt"),
    path("log/", log.log, name="log"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/heads/<int:size>", log.head, name="log_head"),
    path("log/consistency", log.consistency, name="log_consistency"),
    path("log/resolves_verify.py", log.verify, name="log_verifier"),
    path("log/export.jsonl", log.export, name="log_export"),
    path("public/", register.register, name="register"),
    path("public/reports/<int:number>/", register.report, name="public_report"),
    path("public/files/<int:number>/", register.document, name="public_file"),
]

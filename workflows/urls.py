"""The addresses of the pages on which people act."""

from django.urls import path

from workflows.views import board, feeds, intake, item, kept, step, tasks

INTAKE = "resolutions/<slug:body>/<slug:slug>/intake/<str:label>/"

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("board/", board.board, name="board"),
    path("board/assign/", board.assign, name="board_assign"),
    path("items/<slug:body>/<str:short>/", item.occurrence, name="occurrence"),
    path("items/<slug:body>/<str:short>/steps/<slug:step>/", step.step, name="step"),
    path("resolutions/import/", intake.import_text, name="import"),
    path(INTAKE, intake.page, name="intake"),
    path(f"{INTAKE}<str:item>/duties/new/", intake.duty, name="intake_new_duty"),
    path(f"{INTAKE}<str:item>/duties/<int:number>/", intake.duty, name="intake_duty"),
    path("files/<int:number>/", step.file, name="file"),
    path("calendar/feeds/", feeds.feeds_page, name="feeds"),
    path("calendar/feeds/<int:number>/end/", feeds.end, name="feed_end"),
    path("feeds/<str:secret>.ics", feeds.read, name="feed"),
    path("filters/<slug:page>/", kept.saved, name="saved_filters"),
    path("filters/<int:number>/rename/", kept.rename, name="saved_filter_rename"),
    path("filters/<int:number>/delete/", kept.drop, name="saved_filter_delete"),
]

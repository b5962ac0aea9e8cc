"""The addresses of the pages on which people act."""

from django.urls import path

from workflows.views import (
    board,
    bulk,
    correcting,
    decisions,
    feeds,
    intake,
    item,
    kept,
    notifications,
    step,
    talk,
    tasks,
)

INTAKE = "resolutions/<slug:body>/<slug:slug>/intake/<str:label>/"

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("board/", board.board, name="board"),
    path("board/chosen/", bulk.chosen, name="board_chosen"),
    path("board/<slug:step>/", bulk.bulk, name="board_bulk"),
    path("items/<slug:body>/<str:short>/", item.occurrence, name="occurrence"),
    path("items/<slug:body>/<str:short>/steps/<slug:step>/", step.step, name="step"),
    path("items/<slug:body>/<str:short>/comments/", talk.comments, name="comments"),
    path("items/<slug:body>/<str:short>/comments/<int:number>/take-back/", talk.take_back, name="comment_take_back"),
    path("items/<slug:body>/<str:short>/watch/", talk.watch, name="watch"),
    path("watching/", talk.watching, name="watching"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications_read"),
    path("notifications/<int:number>/follow/", notifications.follow, name="notification_follow"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("resolutions/import/", intake.import_text, name="import"),
    path(INTAKE, intake.page, name="intake"),
    path(f"{INTAKE}words/", correcting.take_up, name="intake_take_up"),
    path(f"{INTAKE}<str:item>/reading/", correcting.item, name="intake_correct"),
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

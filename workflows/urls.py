"""The addresses of the pages on which people act."""

from django.urls import path

from workflows.views import board, item, step, tasks

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("board/", board.board, name="board"),
    path("board/assign/", board.assign, name="board_assign"),
    path("items/<slug:body>/<str:short>/", item.occurrence, name="occurrence"),
    path("items/<slug:body>/<str:short>/steps/<slug:step>/", step.step, name="step"),
    path("files/<int:number>/", step.file, name="file"),
]

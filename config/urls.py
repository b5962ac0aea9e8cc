"""Every address of Resolves."""

from django.urls import include, path

from tracker.admin import site

urlpatterns = [
    path("", include("tracker.urls")),
    path("", include("api.urls")),
    path("", include("workflows.urls")),
    path("", include("workflows.setup_urls")),
    path("", include("workflows.account_urls")),
    path("", include("workflows.mail_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", site.urls),
]

handler400 = "tracker.views.status.bad_request"
handler403 = "tracker.views.status.forbidden"
handler404 = "tracker.views.status.not_found"

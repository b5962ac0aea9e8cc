"""Addresses of logging in and out, passwords, preferences, tokens, invitations and the other links of mails."""

from django.urls import path

from workflows import account_views as views
from workflows import link_views
from workflows.preference_views import PreferencesPage

urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("logout/", views.LogOut.as_view(), name="logout"),
    path("password/forgotten/", views.Forgotten.as_view(), name="password_forgotten"),
    path("password/forgotten/done/", views.ForgottenDone.as_view(), name="password_forgotten_done"),
    path("password/<uidb64>/<token>/", views.NewPassword.as_view(), name="password_reset_confirm"),
    path("password/done/", views.NewPasswordDone.as_view(), name="password_reset_complete"),
    path("account/tokens/", views.Tokens.as_view(), name="tokens"),
    path("account/preferences/", PreferencesPage.as_view(), name="preferences"),
    path("invitation/<str:token>/", views.Invitation.as_view(), name="invitation"),
    path("act/<str:token>/", link_views.act, name="mailed-link"),
]

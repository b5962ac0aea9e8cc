"""Addresses of the calendar and of what a secretary sets up."""

from django.urls import path

from workflows import (
    calendar_views,
    clock_views,
    erasure_views,
    failed_views,
    occasion_views,
    office_views,
    people_views,
    rules_views,
    setup_views,
)

_session = "calendar/<slug:body>/sessions/<slug:code>"
_meeting = "calendar/<slug:body>/meetings/<int:number>"
_rules = "calendar/<slug:body>/rules"
_office = "setup/<slug:body>/offices/<slug:office>"

urlpatterns = [
    path("calendar/", calendar_views.CalendarPage.as_view(), name="calendar"),
    path("calendar/<slug:body>/sessions/add/", calendar_views.SessionAdd.as_view(), name="session-add"),
    path(f"{_session}/move/", calendar_views.SessionMove.as_view(), name="session-move"),
    path(f"{_session}/change/", calendar_views.SessionChange.as_view(), name="session-change"),
    path(f"{_session}/sittings/add/", calendar_views.SittingAdd.as_view(), name="sitting-add"),
    path(f"{_session}/sittings/<int:pk>/change/", calendar_views.SittingChange.as_view(), name="sitting-change"),
    path(f"{_rules}/", rules_views.RulesPage.as_view(), name="rules"),
    path(f"{_rules}/deadlines/add/", rules_views.RuleAdd.as_view(), name="rule-add"),
    path(f"{_rules}/deadlines/<slug:rule>/change/", rules_views.RuleChange.as_view(), name="rule-change"),
    path(f"{_rules}/deadlines/<slug:rule>/end/", rules_views.RuleEnd.as_view(), name="rule-end"),
    path(f"{_rules}/station/", rules_views.StationChange.as_view(), name="duty-station"),
    path(f"{_rules}/closed-days/add/", rules_views.ClosedDayAdd.as_view(), name="closed-day-add"),
    path(f"{_rules}/closed-days/<int:pk>/end/", rules_views.ClosedDayEnd.as_view(), name="closed-day-end"),
    path("calendar/<slug:body>/events/", occasion_views.OccasionsPage.as_view(), name="occasions"),
    path("calendar/<slug:body>/events/<int:pk>/record/", occasion_views.OccasionAdd.as_view(), name="occasion-add"),
    path("calendar/<slug:body>/meetings/add/", calendar_views.MeetingAdd.as_view(), name="meeting-add"),
    path(f"{_meeting}/move/", calendar_views.MeetingMove.as_view(), name="meeting-move"),
    path(f"{_meeting}/change/", calendar_views.MeetingChange.as_view(), name="meeting-change"),
    path("setup/", setup_views.SetupPage.as_view(), name="setup"),
    path("setup/bodies/add/", setup_views.BodyAdd.as_view(), name="body-add"),
    path("setup/<slug:body>/groups/add/", setup_views.GroupAdd.as_view(), name="group-add"),
    path("setup/<slug:body>/offices/add/", setup_views.OfficeAdd.as_view(), name="office-add"),
    path(f"{_office}/appoint/", setup_views.Appoint.as_view(), name="appoint"),
    path(f"{_office}/validator/", office_views.SetValidator.as_view(), name="validator"),
    path(f"{_office}/substitute/", setup_views.Substitute.as_view(), name="substitute"),
    path(f"{_office}/terms/<int:pk>/end/", setup_views.TermEnd.as_view(), name="term-end"),
    path(f"{_office}/substitutions/<int:pk>/end/", setup_views.SubstitutionEnd.as_view(), name="substitution-end"),
    path("clock/", clock_views.clock_page, name="clock"),
    path("people/", people_views.PeoplePage.as_view(), name="people"),
    path("people/invite/", people_views.Invite.as_view(), name="invite"),
    path("people/<int:pk>/invite/", people_views.InviteAgain.as_view(), name="invite-again"),
    path("people/<int:pk>/deactivate/", people_views.Deactivate.as_view(), name="deactivate"),
    path("people/<int:pk>/anonymise/", office_views.Anonymise.as_view(), name="anonymise"),
    path("people/<int:pk>/address/", failed_views.ChangeAddress.as_view(), name="person-address"),
    path("people/<int:pk>/absence/", office_views.PersonAbsence.as_view(), name="person-absence"),
    path("files/<int:number>/erase/", erasure_views.EraseFile.as_view(), name="erase-file"),
    path("mails/failed/", failed_views.FailedMails.as_view(), name="failed-mails"),
    path("history/<int:pk>/erase/", erasure_views.EraseWords.as_view(), name="erase-words"),
    path("retention/", erasure_views.RetentionPage.as_view(), name="retention"),
    path("retention/<slug:what>/set/", erasure_views.RetentionSet.as_view(), name="retention-set"),
    path("retention/<slug:what>/end/", erasure_views.RetentionEnd.as_view(), name="retention-end"),
    path("absence/", office_views.AbsencePage.as_view(), name="absence"),
    path("absence/add/", office_views.AbsenceAdd.as_view(), name="absence-add"),
    path("absence/<int:pk>/end/", office_views.AbsenceEnd.as_view(), name="absence-end"),
    path("hand-overs/<int:pk>/", office_views.HandOverPage.as_view(), name="hand-over"),
    path("hand-overs/<int:pk>/note/", office_views.HandOverNote.as_view(), name="hand-over-note"),
    path("hand-overs/<int:pk>/accept/", office_views.HandOverAccept.as_view(), name="hand-over-accept"),
]

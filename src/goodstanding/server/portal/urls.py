"""The addresses of the holder's door."""

from django.urls import path

from goodstanding.server.portal import account, appeal, assurance, behind, case, data, demo, entry, information, notifications, saving, solving

app_name = "portal"
urlpatterns = [
    path("", entry.landing, name="landing"),
    path("leave/", entry.leave, name="leave"),
    path("n/<str:token>/", entry.link, name="link"),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("account/", account.home, name="account"),
    path("account/<str:account_id>/", account.show, name="account_of"),
    path("account/<str:account_id>/reopen/", account.reopen, name="reopen"),
    path("account/<str:account_id>/notices/", notifications.listing, name="notifications"),
    path("account/<str:account_id>/notices/<str:notice_id>/", notifications.show, name="notification"),
    path("account/<str:account_id>/notices/<str:notice_id>/facts.csv", notifications.facts, name="notification_facts"),
    path("account/<str:account_id>/metric/<str:metric>/", behind.show, name="behind"),
    path("account/<str:account_id>/metric/<str:metric>.csv", behind.download, name="behind_file"),
    path("account/<str:account_id>/assurance/", assurance.show, name="assurance"),
    path("account/<str:account_id>/data/", data.show, name="data"),
    path("case/<str:case_id>/solve/", solving.solve, name="solve"),
    path("case/<str:case_id>/contact-me/", solving.contact, name="contact"),
    path("case/<str:case_id>/commitments/", solving.commitments, name="commitments"),
    path("case/<str:case_id>/commitments/<str:commitment_id>/", solving.done, name="done"),
    path("case/<str:case_id>/", case.show, name="case"),
    path("case/<str:case_id>/facts.csv", case.facts, name="facts"),
    path("case/<str:case_id>/notices/<str:notice_id>.eml", case.notice, name="notice"),
    path("case/<str:case_id>/files/<str:evidence_id>/", case.file, name="file"),
    path("case/<str:case_id>/mail/<str:mail_id>/", case.choose, name="choose"),
    path("case/<str:case_id>/withdraw/", case.withdraw, name="withdraw"),
    path("case/<str:case_id>/ask/", case.ask, name="ask"),
    path("case/<str:case_id>/appeal/", appeal.write, name="appeal"),
    path("case/<str:case_id>/appeal/check/", appeal.check, name="check"),
    path("case/<str:case_id>/draft/<str:form>/", saving.save, name="draft"),
    path("case/<str:case_id>/sent/", appeal.sent, name="sent"),
    path("case/<str:case_id>/information/", information.give, name="information"),
]

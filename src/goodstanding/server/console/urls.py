"""The addresses of the staff's door."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from goodstanding.server.console import (
    account,
    calls,
    case,
    evidence,
    export,
    mails,
    outbox,
    policies,
    programs,
    quality,
    queue,
    recording,
    relations,
    reopening,
    sign_in,
    window,
)

app_name = "console"
urlpatterns = [
    path("", queue.show, name="queue"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(next_page="portal:landing"), name="sign_out"),
    path("enter/", sign_in.enter, name="enter"),
    path("search/", account.search, name="search"),
    path("calls/", calls.show, name="calls"),
    path("outbox/", outbox.show, name="outbox"),
    path("programs/", programs.show, name="programs"),
    path("mail/", mails.listing, name="mails"),
    path("mail/<str:mail_id>/", mails.show, name="mail"),
    path("case/<str:case_id>/window/", window.show, name="window"),
    path("case/<str:case_id>/export.zip", export.download, name="export"),
    path("case/<str:case_id>/", case.show, name="case"),
    path("policy/", policies.in_force, name="policy"),
    path("policy/trial/<str:trial_id>/", policies.trial, name="trial"),
    path("policy/trial/<str:trial_id>.json", policies.document, name="trial_document"),
    path("policy/<str:digest>/", policies.version, name="policy_version"),
    path("policy/<str:digest>/pack.zip", policies.archive, name="policy_archive"),
    path("quality/", quality.show, name="quality"),
    path("quality/<str:appeal_id>/", quality.blind, name="blind"),
    path("account/<str:account_id>/", account.show, name="account"),
    path("relations/", relations.listing, name="relations"),
    path("relations/<str:account_id>/", relations.cluster, name="cluster"),
    path("relations/<str:one>/<str:other>/", relations.pair, name="relation"),
    path("account/<str:account_id>/violation/", recording.record, name="record"),
    path("reopenings/", reopening.listing, name="reopenings"),
    path("account/<str:account_id>/reopening/<str:request_id>/", reopening.answer, name="reopening"),
    path("evidence/<str:evidence_id>/", evidence.download, name="evidence"),
]

"""The addresses of signing in, under the names that allauth looks them up by. What is not here (signing up, changing addresses) there is not."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as sign_on
from allauth.socialaccount.providers.openid_connect import views as provider
from allauth.usersessions import views as sessions
from django.contrib.auth.decorators import login_required
from django.urls import path, re_path

from goodstanding.server.identity.views import (
    AppAdding,
    AppRemoval,
    CodesMaking,
    PasskeyAdding,
    PasskeyRemoval,
    PasswordChange,
    PasswordReset,
    Security,
    SignIn,
    sign_out,
)

urlpatterns = [
    path("console/sign-in/", SignIn.as_view(), name="account_login"),
    path("console/sign-out/", sign_out, name="account_logout"),
    path("sign-in/code/", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/on/cancelled/", sign_on.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/on/<str:provider_id>/", provider.login, name="openid_connect_login"),
    path("sign-in/on/<str:provider_id>/back/", provider.callback, name="openid_connect_callback"),
    path("sign-in/password/", account.password_reset, name="account_reset_password"),
    path("sign-in/password/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("sign-in/password/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(r"^sign-in/password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", PasswordReset.as_view(), name="account_reset_password_from_key"),
    path("security/", Security.as_view(), name="mfa_index"),
    path("security/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("security/confirm/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("security/confirm/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("security/password/", login_required(PasswordChange.as_view()), name="account_change_password"),
    path("security/app/", AppAdding.as_view(), name="mfa_activate_totp"),
    path("security/app/remove/", AppRemoval.as_view(), name="mfa_deactivate_totp"),
    path("security/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("security/codes/new/", CodesMaking.as_view(), name="mfa_generate_recovery_codes"),
    path("security/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("security/passkeys/", Security.as_view(), name="mfa_list_webauthn"),
    path("security/passkeys/add/", PasskeyAdding.as_view(), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/remove/", PasskeyRemoval.as_view(), name="mfa_remove_webauthn"),
    path("security/sessions/", sessions.list_usersessions, name="usersessions_list"),
]

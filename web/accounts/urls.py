"""Paths below /sign-in. Of allauth's, those alone that we want: nobody registers, or resets a password by mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path

from config.django import SETTINGS
from web.accounts import views

urlpatterns = [
    path("", account.login, name="account_login"),
    path("out/", account.logout, name="account_logout"),
    path("disabled/", account.account_inactive, name="account_inactive"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("welcome/<str:number>/<str:token>/", views.welcome, name="welcome"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("factors/", mfa.index, name="mfa_index"),
    path("code/", mfa.authenticate, name="mfa_authenticate"),
    path("code/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("recovery/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/add/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/again/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/remove/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/edit/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
]
if SETTINGS.sign_in.passwords:
    urlpatterns += [path("passkeys/sign-in/", passkey.login_webauthn, name="mfa_login_webauthn")]
if SETTINGS.sign_in.oidc_issuer:
    urlpatterns += [
        path("oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
        path("oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    ]

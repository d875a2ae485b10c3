"""The forms of sign-in, in our words: allauth's own, with labels above their fields and help where it is needed."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth import password_validation

from web.accounts.models import Account

_RULES = "At least 12 characters. Three words that have nothing to do with each other are easy to remember."


def _say(field: forms.Field, label: str, help_text: str = "", required: str = "", **attrs: str) -> None:
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs
    if required:
        field.error_messages["required"] = required


def _code(field: forms.Field, help_text: str) -> None:
    _say(field, "Code", help_text, "Type the code.", inputmode="numeric", autocomplete="one-time-code")
    field.widget.attrs["data-width"] = "10"


def passwords_count() -> bool:
    """Whether accounts of our own may sign in (``sign_in.passwords``)."""
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that tests may set others

    return SETTINGS.sign_in.passwords


class SignInForm(LoginForm):  # type: ignore[misc]
    """Address and password."""

    @property
    def closed(self) -> bool:
        """Whether people come by the council's provider alone."""
        return not passwords_count()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["login"], "E-mail address", required="Type your e-mail address.", autocomplete="username")
        self.fields["login"].error_messages["invalid"] = "Write the e-mail address as name@example.org."
        _say(self.fields["password"], "Password", required="Type your password.")


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password"], "Password", required="Type your password.")


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """The old and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["oldpassword"], "Your password now", required="Type your password.")
        _say(self.fields["password1"], "New password", _RULES, "Type the new password.")
        _say(self.fields["password2"], "New password again", required="Type the new password again.")


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second factor, when signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], "The six digits that your app shows now. Or one of your recovery codes.")


class CodeAgainForm(CodeReauthenticateForm):  # type: ignore[misc]
    """The second factor once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], "The six digits that your app shows now. Or one of your recovery codes.")


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], "The six digits that your app shows now.")


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["name"], "A name for it", "For example: my laptop, or the key on my key ring.")
        self.fields["name"].initial = ""
        _say(self.fields["passwordless"], "Use it to sign in without a password")


class WelcomeForm(forms.Form):
    """The first password of a new account."""

    password = forms.CharField(
        strip=False,
        label="Choose a password",
        help_text=_RULES,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        strip=False,
        label="The password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type the password again."},
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account = account

    def clean_password(self) -> str:
        """Raises ``ValidationError`` for one that is easy to guess."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._account)
        return password

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        found = super().clean() or {}
        if "password" in found and "again" in found and found["password"] != found["again"]:
            self.add_error("again", "The two passwords are not the same.")
        return found

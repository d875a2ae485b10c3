"""What a records officer types on the way to an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from domain.errors import SallyportError
from vault.export.exemptions import EXEMPTIONS
from vault.export.outgoing import ToAgeKeys
from vault.export.sheet import NO, OTHERS, YES
from vault.models import Choice
from web.console.records.forms import LONGEST, day_field, lines_field, split, words
from web.pages.forms import Checkboxes, Radios

CHOICES = (
    (Choice.RELEASE.value, "Give it whole"),
    (Choice.REDACT.value, "Give it, with some texts taken out"),
    (Choice.WITHHOLD.value, "Keep it back, and tell them so"),
    (Choice.UNLISTED.value, "Keep it back, and do not mention it"),
    (Choice.NOT_THEIRS.value, "It is not about them"),
)
_HINTS = {
    Choice.REDACT.value: "Say below, of each text, whether it comes out",
    Choice.WITHHOLD.value: "They are told that there is something, from when, and why. Needs a reason in law",
    Choice.UNLISTED.value: "Only where saying that it exists would do the harm. Needs a reason in law",
    Choice.NOT_THEIRS.value: "It was found by a name, and is about somebody else",
}
_OUT, _STAYS, _OUT_ALL, _STAYS_ALL = YES, NO, f"{YES}-all", f"{NO}-all"
_ANSWERS = (
    (_OUT, "Take it out"),
    (_STAYS, "Leave it"),
    (_OUT_ALL, "Take it out of all documents"),
    (_STAYS_ALL, "Leave it in all documents"),
)
_NAMES = {e.code: e.says.rstrip(".") for e in EXEMPTIONS}
_KEPT = {Choice.WITHHOLD.value, Choice.UNLISTED.value}


class CollectForm(forms.Form):
    """What else is looked at."""

    also = lines_field("Records that are filed under others", "Their ids, one a line. Leave it empty if you know none.")

    def clean_also(self) -> list[str]:
        """Ids."""
        return [typed.upper() for typed in split(self.cleaned_data["also"])]


class DocumentForm(forms.Form):
    """What becomes of one document. The texts that may be about others are fields of their own, made by :meth:`of`."""

    decision = forms.ChoiceField(
        label="What becomes of this document?",
        choices=CHOICES,
        widget=Radios(hints=_HINTS),
        error_messages={"required": "Say what becomes of this document"},
    )
    own = forms.CharField(
        label="Other texts to take out",
        help_text="One a line, as they stand in the document",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    exemptions = forms.MultipleChoiceField(
        label="Why is it kept back?",
        choices=[(e.code, _NAMES[e.code]) for e in EXEMPTIONS],
        widget=Checkboxes(hints={e.code: f"{e.asks} ({e.source})" for e in EXEMPTIONS}),
        required=False,
    )
    remark = forms.CharField(
        label="A remark for whoever looks at this after you", required=False, max_length=LONGEST,
        help_text="It is not given to the person",
    )  # fmt: skip

    def __init__(
        self,
        passages: Sequence[Mapping[str, Any]],
        *args: Any,
        unread: bool = False,
        besides: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._passages, self._unread, self._besides = passages, unread, besides
        for passage in passages:
            name = passage["id"]
            self.fields[f"out-{name}"] = forms.ChoiceField(
                label=passage["text"], help_text=_why(passage), choices=_ANSWERS, widget=Radios(), required=False
            )
            self.fields[f"why-{name}"] = forms.ChoiceField(
                label="If it comes out, why?", choices=list(_NAMES.items()), required=False
            )

    @classmethod
    def initially(cls, row: Mapping[str, Any], laid: Mapping[str, Any]) -> dict[str, Any]:
        """As the tables say now."""
        said: dict[str, Any] = {
            "decision": row["decision"].lower().replace(" ", "-"),
            "exemptions": row["exemption"].replace(",", " ").replace("+", " ").upper().split(),
            "remark": row["remark"],
            "own": "\n".join(laid["own"]),
        }
        for each in laid["passages"]:
            answer = {YES: _OUT, NO: _STAYS}.get(each["answer"], "")
            said[f"out-{each['id']}"] = f"{answer}-all" if answer and each["everywhere"] else answer
            said[f"why-{each['id']}"] = each["ground"] if each["ground"] in _NAMES else OTHERS
        return said

    def texts(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """For each text, whether it comes out and why."""
        yield from ((self[f"out-{p['id']}"], self[f"why-{p['id']}"]) for p in self._passages)

    def clean(self) -> dict[str, Any]:
        """What the tables would refuse later is said now."""
        given = super().clean() or {}
        decision = given.get("decision")
        out = [p["id"] for p in self._passages if given.get(f"out-{p['id']}", "").startswith(YES)]
        if decision in _KEPT and not given.get("exemptions"):
            self.add_error("exemptions", "Say why it is kept back")
        if decision == Choice.REDACT.value and self._unread:
            self.add_error("decision", "A part of it could not be read: give it whole, or keep it back")
        elif decision == Choice.REDACT.value:
            self._all_answered(given, out)
        if decision == Choice.RELEASE.value and (out or given.get("own", "").strip()):
            self.add_error("decision", "You give it whole, but some of its texts are to come out")
        return given

    def _all_answered(self, given: Mapping[str, Any], out: Sequence[str]) -> None:
        open_ = [p for p in self._passages if not given.get(f"out-{p['id']}")]
        for passage in open_:
            self.add_error(f"out-{passage['id']}", f"Say whether “{passage['text']}” comes out")
        if not open_ and not out and not given.get("own", "").strip() and not self._besides:
            self.add_error("decision", "Nothing is to come out of it: give it whole, or say what comes out")

    def decided(self, document: str) -> dict[str, Any]:
        """As the key holder takes it (``vault/export/sheet.py``)."""
        given = self.cleaned_data
        answers = {
            p["id"]: {
                "take_out": answer.partition("-")[0],
                "ground": given.get(f"why-{p['id']}") or OTHERS,
                "everywhere": answer.endswith("-all"),
            }
            for p in self._passages
            if (answer := given.get(f"out-{p['id']}", ""))
        }
        return {
            "document": document,
            "decision": given["decision"],
            "exemptions": " ".join(given["exemptions"]) if given["decision"] in _KEPT else "",
            "remark": given["remark"],
            "answers": answers,
            "own": [line.strip() for line in given["own"].splitlines() if line.strip()],
        }


def _why(passage: Mapping[str, Any]) -> str:
    times = passage["times"]
    return f"{passage['why'][:1].upper()}{passage['why'][1:]}; {'once' if times == '1' else f'{times} times'}"


class SealForm(forms.Form):
    """To whom it is sealed."""

    how = forms.ChoiceField(
        label="How do they open it?",
        choices=(("passphrase", "With a passphrase"), ("key", "With a key of theirs")),
        widget=Radios(
            hints={
                "passphrase": "It is made now and shown to you alone. Tell them by telephone or in person",
                "key": "A council, a solicitor or somebody who has the program age",
            }
        ),
        initial="passphrase",
        error_messages={"required": "Say how they open it"},
    )
    key = forms.CharField(
        label="Their key, if they have one", required=False, max_length=2_000, help_text="It begins with age1 or ssh-"
    )
    closed = forms.BooleanField(
        label="Some records cannot be opened by anybody, and they are told so", required=False,
        help_text="Only if no other key is left to try",
    )  # fmt: skip

    def __init__(self, *args: Any, closed: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not closed:
            del self.fields["closed"]

    def clean(self) -> dict[str, Any]:
        """With a key that can be sealed to, or none."""
        given = super().clean() or {}
        if given.get("how") != "key":
            return given | {"key": ""}
        try:
            ToAgeKeys([given.get("key", "").strip()])
        except (SallyportError, ValueError):
            self.add_error("key", "This is not an age key; it begins with age1")
        return given

    def clean_closed(self) -> bool:
        """It has to be said."""
        if not self.cleaned_data["closed"]:
            raise forms.ValidationError("Collect again with all keys, or say that they are told")
        return True


class SentForm(forms.Form):
    """That they have it."""

    how = words("How was it handed over?", "By post on a stick, by mail, in person. Name nobody.")
    on = day_field("Day it was handed over")

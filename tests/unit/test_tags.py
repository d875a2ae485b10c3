"""Subject tags: what is asked, what is mistyped, what is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tags import Concern, Tags, read_tags, without_tags
from gateway.mime.retitle import retitled
from gateway.parse import parse
from tests.build import RULES

WORDS = RULES.tags


@pytest.mark.parametrize(
    ("subject", "tags", "rest"),
    [
        ("Plan", Tags(), "Plan"),
        ("[secure] Plan", Tags(secure=True), "Plan"),
        ("RE: Plan [ ENCRYPT ]", Tags(secure=True), "RE: Plan"),
        ("\uff3bsecure\uff3d Plan", Tags(secure=True), "\uff3bsecure\uff3d Plan"),
        ("[about: SL-01234, SL-2] Plan", Tags(about=("SL-01234", "SL-2")), "Plan"),
        ("[urgent: self harm][secure] Now", Tags(secure=True, urgent=Concern.SELF_HARM), "Now"),
        ("[urgent: risk] RE: Plan", Tags(urgent=Concern.RISK), "RE: Plan"),
        # somebody else's
        ("RE: [urgent: risk] Plan", Tags(doubtful=("risk",)), "RE: Plan"),
        ("FW: [about: SL-2] Plan", Tags(doubtful=("SL-2",)), "FW: Plan"),
        # likely slips of the tag that protects
        ("[secrue] Plan", Tags(unknown=("secrue",)), "[secrue] Plan"),
        ("[secure please] Plan", Tags(unknown=("secure please",)), "[secure please] Plan"),
        ("[send secure] Plan", Tags(unknown=("send secure",)), "[send secure] Plan"),
        ("[SECURE - confidential] x", Tags(unknown=("secure - confidential",)), "[SECURE - confidential] x"),
        ("[secure, about: SL-2] Plan", Tags(unknown=("secure, about",)), "[secure, about: SL-2] Plan"),
        ("[secure Plan", Tags(unknown=("secure",)), "[secure Plan"),
        ("(secure) Plan {encrypt}", Tags(unknown=("secure", "secure")), "(secure) Plan {encrypt}"),
        # others that cannot be honoured
        ("[urgent: rain] Now", Tags(doubtful=("urgent",)), "[urgent: rain] Now"),
        ("[urgent risk] Now", Tags(doubtful=("urgent risk",)), "[urgent risk] Now"),
        ("[urgently: risk] Now", Tags(doubtful=("urgently",)), "[urgently: risk] Now"),
        ("[about SL-2] Plan", Tags(doubtful=("about sl-2",)), "[about SL-2] Plan"),
        ("[about:] Plan", Tags(doubtful=("about",)), "[about:] Plan"),
        # old habits
        ("[URGENT] Now", Tags(), "[URGENT] Now"),
        ("[About] Shared Lives Week", Tags(), "[About] Shared Lives Week"),
        (
            "[EXTERNAL] [JIRA-12] a [b] (see the secure link) Plan",
            Tags(),
            "[EXTERNAL] [JIRA-12] a [b] (see the secure link) Plan",
        ),
    ],
)
def test_what_is_asked_and_what_the_recipient_sees(subject, tags, rest):
    """In any case, anywhere in the line; other brackets stay; a likely mistake is reported."""
    assert read_tags(subject, WORDS) == tags
    assert without_tags(subject, WORDS) == rest


def test_words_are_the_councils_own():
    """No word, no tag."""
    assert read_tags("[secure] [urgent: risk]", {}) == Tags()


@given(
    st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from(["[", "]", "secure", " ", ":", "about", "x"])).map("".join)
    )
)
def test_any_subject_line_is_read(subject):
    """Total; and what is taken out stays out."""
    read_tags(subject, WORDS)
    once = without_tags(subject, WORDS)
    assert without_tags(once, WORDS) == once


@pytest.mark.parametrize(
    "field", [b"Subject: [secure] Plan", b"SUBJECT: =?utf-8?q?=5Bsecure=5D_Plan?=", b"subject:\r\n [secure]\r\n Plan"]
)
def test_only_the_subject_field_changes(field):
    """However it was written; every other octet is as it came, the body's lookalike included."""
    head, rest = b"From: a@council.example\r\n", b"\r\nTo: b@c.example\r\n\r\nSubject: [secure] Plan\r\n\xff"
    raw = head + field + rest
    subject = without_tags(parse(raw).subject, WORDS)
    assert retitled(raw, subject) == head + b"Subject: Plan" + rest


def test_what_looks_like_an_encoded_word_does_not_become_one():
    """Judged as it stands, it must be read as it stands."""
    raw = b"Subject: =?utf-8?q?=5Bsecure=5D?= x\r\n\r\n"
    told = retitled(raw, "=?utf-8?B?SElW?=")
    assert parse(told).subject == "=?utf-8?B?SElW?="


def test_tags_in_tags_cost_little():
    """And a subject line beyond reason has none: it is held as too large."""
    assert without_tags("[" * 900 + "secure" + "]" * 900, WORDS)
    assert read_tags("x" * 100_000 + "[secure]", WORDS) == Tags()


def test_two_subject_fields_become_one():
    """A mail with two would be held as ambiguous; should it ever leave, only ours does."""
    raw = b"Subject: a\r\nTo: b@c.example\r\nSubject: [secure] b\r\n\r\nx"
    assert retitled(raw, "n\u00e9") == b"Subject: =?utf-8?b?bsOp?=\r\nTo: b@c.example\r\n\r\nx"

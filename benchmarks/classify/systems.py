"""The three that are compared in one run: rules alone, model alone, all layers; each through the real analysis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from classifiers.analysis import Analyser, layers
from classifiers.documents import personal, rules
from classifiers.learned import brief, joining
from classifiers.learned.model import Model
from classifiers.training.labelled import Labelled
from classifiers.training.measure import Judged
from domain.model import Category, Part, Place


def systems(model: Model) -> dict[str, Analyser]:
    """By name. The model alone is its words, without what the rules have counted."""
    alone = replace(model, joint=replace(model.joint, rules=0.0))
    return {
        "rules": Analyser(classifiers=(rules.classify, personal.classify)),
        "model": Analyser(classifiers=(joining.classifier(alone), brief.classifier(alone))),
        "both": Analyser(classifiers=layers(model)),
    }


def judge(analyser: Analyser, documents: Iterable[Labelled], place: Place = Place.ATTACHMENT) -> list[Judged]:
    """What is said of each text."""
    return [Judged(one.source, one.name, one.kinds, said(analyser, one.text, place)) for one in documents]


def said(analyser: Analyser, text: str, place: Place) -> dict[Category, float]:
    """The likelihoods, as the policy would see them."""
    part = Part("1", place, "text/plain", "", text.encode(), "utf-8")
    found = analyser.analyse("", [part], say_subject=False).findings
    return {finding.category: finding.likelihood for finding in found}

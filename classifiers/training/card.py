"""The model card: what a model was trained on, how well it does on sources it had not seen, and what it is not for.

Purpose: docs/model-card.md, written by the command that trains (Mitchell et al., "Model Cards for Model Reporting",
2019). Trust: ours. Failure: none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from classifiers.learned.brief import MOST_WORDS
from classifiers.learned.joining import SILENCE
from classifiers.training import measure
from classifiers.training.fitting import PUBLISHED, RIDGE
from classifiers.training.short import FALSE_ALARMS as SHORT_ALARMS
from classifiers.training.short import FALSE_ALARMS_NAMED as SHORT_NAMED
from classifiers.training.train import FALSE_ALARMS, MISSES, Trained

_NAMED = 0.25
"""The policy's ``threshold_named``."""
_CHOICES = ", ".join(f"{misses:g}" for misses in MISSES)


def card(trained: Trained, content_digest: str, on: date, command: str) -> str:
    """The page, in Markdown."""
    return (
        "\n".join([*_head(trained, content_digest, on, command), *_data(trained), *_figures(trained), *_limits()])
        + "\n"
    )


def _head(trained: Trained, content_digest: str, on: date, command: str) -> Iterator[str]:
    joint = trained.model.joint
    yield f"# Model card: {trained.model.name}"
    yield ""
    yield f"Written by `{command}` on {on.isoformat()}. SHA-256 of the model: `{content_digest}`."
    yield ""
    yield "**What it is.** Multinomial logistic regression over tf-idf of words (numbers as shapes), thirteen kinds: the"
    yield f'twelve categories of [classes.md](classes.md) and "not confidential". {len(trained.model.rows):,} words, each'
    yield f"used by at least two sources and in three documents; ridge {RIDGE:g}. Plain JSON: a word, its weights in"
    yield "thousandths."
    yield ""
    yield f"**How it is joined with the rules.** `z = {joint.model:g} x said x words + {joint.rules:g} x phrases`, for"
    yield f'"not confidential" `z = said x ({joint.model:g} x words + {joint.none:g} + nobody) - {joint.lean:g} + {SILENCE:g} x (1 - said)`; softmax.'
    yield f"`nobody` is {joint.nobody:g} where a text speaks of no one person (no pronoun of one, no title with a name, no"
    yield "filled field, no identifier), else 0. The factors were fitted on documents of sources that the words' weights had"
    yield "not seen. The number before the last makes it lean to"
    yield f"confidential: a miss counts as {trained.misses:g} false alarms, of {_CHOICES} the most that kept false alarms"
    yield f"on unseen sources under {FALSE_ALARMS:.0%}, or the least where none did."
    yield ""
    if trained.model.brief.rows:
        yield f"**Short mails.** Logistic regression, confidential or not, over {len(trained.model.brief.rows):,} words and"
        yield f"{len(trained.model.brief.topics)} signs, for texts of at most {MOST_WORDS} words. Its scale was set on sources that"
        yield f"its weights had not seen: {SHORT_ALARMS:.0%} of their harmless texts reach one half, {SHORT_NAMED:.0%} a quarter."
        yield ""
    yield "**What it is for.** To hold or protect mails of a Shared Lives service, beside fingerprints and rules, under a"
    yield "policy and with reviewers. Not for deciding about people, nor for texts in other languages than English."
    yield ""


def _data(trained: Trained) -> Iterator[str]:
    yield "## Trained on"
    yield ""
    yield "| source | documents | confidential | weight each |"
    yield "|---|---|---|---|"
    sizes = Counter(one.source for one in trained.documents)
    confidential = Counter(one.source for one in trained.documents if one.confidential)
    for source in sorted(sizes, key=lambda s: (s not in trained.written, s)):
        weight = 1 if source in trained.written else PUBLISHED
        yield f"| {source} | {sizes[source]} | {confidential[source]} | {weight:g} |"
    if trained.brief:
        yield ""
        listed = ", ".join(sorted({one.source for one in trained.brief}))
        yield f"Mails of a line or two, which teach only what judges such: {len(trained.brief)}, of {listed}."
    yield ""


def _figures(trained: Trained) -> Iterator[str]:
    own = trained.own
    yield "## On sources it had not seen"
    yield ""
    yield "Each source judged by a model of the others. The joint rule's five numbers were chosen on these same figures, so"
    yield "they flatter a little. [accuracy.md](accuracy.md) has those of authors on whom nothing was chosen."
    yield ""
    yield f"- Labelled sources: recall of confidential {measure.recall(own)}, false alarms {measure.false_alarms(own)},"
    yield f"  macro-F1 of the categories {measure.macro_f1(own):.3f}."
    if trained.short:
        yield f"- Short texts, by what judges those alone: recall {measure.recall(trained.short)}, false alarms"
        yield f"  {measure.false_alarms(trained.short)}; with a known name (0.25) {measure.recall(trained.short, _NAMED)} and"
        yield f"  {measure.false_alarms(trained.short, _NAMED)}. Of the harmless ones many are twins of confidential ones."
    sources = sorted({one.source for one in trained.unseen}, key=lambda s: (s not in trained.written, s))
    for source in sources:
        of_it = [one for one in trained.unseen if one.source == source]
        found = measure.recall(of_it)
        alarms = measure.false_alarms(of_it)
        said = ", ".join([f"recall {found}"] * bool(found.whole) + [f"false alarms {alarms}"] * bool(alarms.whole))
        yield f"- {source}{'' if source in trained.written else ', of lesser weight'}: {said}."
    yield ""
    yield "| category | precision | recall | F1 | documents |"
    yield "|---|---|---|---|---|"
    for kind, f in measure.by_class(own).items():
        yield f"| {kind.label} | {f.precision:.2f} | {f.recall:.2f} | {f.f1:.2f} | {f.right + f.missed} |"
    yield ""


def _limits() -> Iterator[str]:
    yield "## Known limits"
    yield ""
    yield "- It knows words, not meaning: a sentence in everyday words about somebody's private life may pass, a made-up"
    yield "  case in a training pack may be held."
    yield "- The labelled documents were written for this purpose by the founders' assistants, in different houses' styles;"
    yield "  no council's own papers are among them. A council that trains with its corrections should measure again."
    yield "- Below about eighty words a text counts for less here, and is also judged by what was trained on short mails."
    yield "- Names are left out by how they are written; one that the papers also write small, or never inside a sentence,"
    yield "  may be missed. Keep a model trained on a council's own papers as you keep the papers."

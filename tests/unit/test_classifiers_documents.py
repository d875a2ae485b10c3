"""Each kind of document is known by its words, and what is written for everyone is not."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from classifiers.analysis import Analyser, analyse_document
from classifiers.documents import personal, rules
from classifiers.documents.lexicon import fold, hits
from domain.model import Analysis, Category, Finding, Part, Place

SPECIMENS = {
    Category.ALL_ABOUT_ME: """All About Me
My name is: Rowan Applegarth
I like to be called: Ro
What is important to me
Trains, my sister and a quiet breakfast.
How best to support me
Please support me with shopping. I get anxious when buses are late.""",
    Category.RISK_MANAGEMENT_PLAN: """SERVICE USER RISK MANAGEMENT PLAN
Name: Rowan Applegarth
Risk identified: choking at meals
Who is at risk: Rowan
Control measures
Food cut small; must be supervised at meals.
Risk rating: 12""",
    Category.MEDICAL: """Dear Dr Sallow
Re: Rowan Applegarth, DOB 14/03/1986
Diagnosis: focal epilepsy
Current medication: lamotrigine 100 mg twice daily
I reviewed this gentleman in clinic. He was diagnosed with epilepsy in 2001. No side effects.""",
    Category.PLACEMENT_AGREEMENT: """Shared Lives Placement Agreement
Service user: Rowan Applegarth
Shared Lives carer: Marjorie Penhaligon
Placement start date: 1 May 2026
Weekly fee: £412
The Shared Lives carer agrees to provide meals.""",
    Category.PROFESSIONAL_REPORT: """Occupational Therapy Report
Client name: Rowan Applegarth
Referred by: Priya Hazelwood
Date of assessment: 3 June 2026
Reason for referral
Rowan was referred to our team after two falls.
Recommendations
It is recommended that a second rail is fitted.""",
    Category.FINANCIAL: """Bank statement
Account name: Rowan Applegarth
Sort code: 12-34-56
Account number: 12345678
Opening balance: 210.40
05 May Direct debit Water 21.00""",
    Category.LEGAL: """IN THE COURT OF PROTECTION
Case No: 12345678
IN THE MATTER OF THE MENTAL CAPACITY ACT 2005
UPON the court being satisfied that Rowan Applegarth lacks capacity to manage property
IT IS ORDERED THAT Elaine Applegarth is appointed as deputy.""",
    Category.ASSESSMENT: """Yearly Review
Service user: Rowan Applegarth
Date of review: 2 June 2026
Those present: Rowan, Marjorie
What is working well
Rowan is settled in placement. Needs prompting to wash.""",
    Category.INCIDENT: """Incident Report Form
Date of incident: 2 June 2026
Reported by: Marjorie Penhaligon
Description of incident
Rowan was found on the floor. Paramedics came.
Action taken: GP informed""",
    Category.COMPLAINT: """Complaint form
Complainant: Elaine Applegarth
Date of complaint: 2 June 2026
Details of complaint
I wish to complain about how my brother's money was handled.""",
    Category.PERMISSION_FORM: """Permission to Share
Name of service user: Rowan Applegarth
I give permission for my information to be shared
Share with: Cressbed Lane Surgery
Date signed: 2 June 2026""",
}

HARMLESS = {
    "blank form": """Permission to Share
Name: ____________________ Date of birth: ___________
Share with: ______________________
Signed: __________________________ Date signed: __________
I give permission for my information to be shared""",
    "blank form without lines": (
        "Service User Risk Management Plan\nName:\nDate of birth:\nNHS number:\n"
        "Risk identified:\nRisk rating:\nControl measures:\n"
    ),
    "policy": """Confidentiality policy
Officers send All About Me documents, the service user risk management plan, medical information, placement agreements,
reports and financial information by encrypted email. Complaints and incident reports are recorded. A
'Permission to share'
form is completed at the point of referral.""",
    "newsletter": """Shared Lives Newsletter, June
Summer picnic
Thank you to all carers who came. Training on risk assessment is on 4 July; medication training follows in September.
Recipe: lemon cake""",
    "rota": "Staff rota week 23\nMon\tPriya Hazelwood\t9-5\nTue\tTomas Reed\t9-5\nWed\tLeave\n",
    "training slides": (
        "Training: writing a good risk assessment\nLearning outcomes\n"
        "Know the five steps\nWhat is a hazard?\nControl measures\nExamples"
    ),
    "covering note": (
        "Hi Sam,\nplease find attached the risk management plan and the placement agreement as we said.\nThanks, Priya"
    ),
    "job advert": (
        "Vacancy: Shared Lives Officer\n"
        "You will write care plans, carry out risk assessments and attend placement reviews."
    ),
    "meeting": "Agenda\n1. Apologies\n2. Rota\n3. Medication policy update\n4. Any other business",
    "lunch": "Are you free for lunch on Thursday? The new place by the surgery does good soup.",
}


def text(said: str, *, subject: str = "", place: Place = Place.BODY) -> Analysis:
    return Analyser().analyse(subject, [Part("1", place, "text/plain", "", said.encode(), "utf-8")])


def firing(analysis: Analysis) -> dict[Category, float]:
    return {f.category: f.likelihood for f in analysis.findings if f.likelihood >= 0.5}


@pytest.mark.parametrize("category", SPECIMENS)
def test_specimen_is_known(category: Category) -> None:
    """A filled document of the kind is found, likeliest as what it is, with evidence that quotes it."""
    analysis = text(SPECIMENS[category])
    best = max(analysis.findings, key=lambda f: f.likelihood)
    assert best.category is category
    assert best.likelihood >= 0.7
    page = analysis.texts[0].text
    for evidence in best.evidence:
        assert evidence.text.startswith(page[evidence.start : evidence.end])
        assert evidence.end > evidence.start


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_is_not_held(name: str) -> None:
    """Blank forms, policies, newsletters, rotas, slides and notes stay below one half."""
    assert firing(text(HARMLESS[name])) == {}


def test_filling_a_form_makes_it_confidential() -> None:
    """The same form with a person in it is another thing."""
    blank = "Service User Risk Management Plan\nName: {}\nDate of birth: {}\nRisk identified: {}\nRisk rating: {}\n"
    assert firing(text(blank.format(*["________"] * 4))) == {}
    assert Category.RISK_MANAGEMENT_PLAN in firing(
        text(blank.format("Rowan Applegarth", "14/03/1986", "falls", "High"))
    )


def test_blank_lines_do_not_hide_a_named_person() -> None:
    """A form mostly empty but with an NHS number in it is filled in enough."""
    form = (
        "Service User Risk Management Plan\nNHS number: 943 476 5919\n"
        "Risk identified: ______\nRisk rating: ______\nHazard: ______\nTrigger: ______\n"
    )
    assert Category.RISK_MANAGEMENT_PLAN in firing(text(form))


def test_section_does_not_make_another_kind() -> None:
    """An All About Me with a page on health is one document, of one kind."""
    health = (
        "\nMy health\nDiagnosis: epilepsy\n"
        "Current medication: lamotrigine 100 mg twice daily\nAllergies: none\nGP: Dr Sallow"
    )
    assert set(firing(text(SPECIMENS[Category.ALL_ABOUT_ME] + health))) == {Category.ALL_ABOUT_ME}


def test_bundle_is_every_kind_that_it_names() -> None:
    """Two documents scanned into one are both."""
    both = SPECIMENS[Category.RISK_MANAGEMENT_PLAN] + "\n" * 3 + SPECIMENS[Category.FINANCIAL]
    assert {Category.RISK_MANAGEMENT_PLAN, Category.FINANCIAL} <= set(firing(text(both)))


def test_labels_out_of_a_table_without_colons_count() -> None:
    """PDF tables come out as "Name Rowan Applegarth"."""
    assert Category.RISK_MANAGEMENT_PLAN in firing(
        text("Risk Management Plan\nName Rowan Applegarth Date of birth 14/03/1986\nSeverity High\nHazard Stairs")
    )


class TestOtherPersonal:
    """Free text that gives somebody away."""

    @pytest.mark.parametrize(
        "said",
        [
            "Her NHS number is 943 476 5919.",
            "NI number AB 12 34 56 C for the form",
            "Pay into sort code 12-34-56, account 12345678",
            "SL-20417 had two seizures and went to hospital",
            "He was born: DOB 14/03/1986",
        ],
    )
    def test_fires(self, said: str) -> None:
        """An identifier, or a reference beside words of health."""
        assert set(firing(text(said))) == {Category.OTHER_PERSONAL}

    @pytest.mark.parametrize(
        "said", ["SL-20417", "Please call me about SL-20417.", "It is Priya's birthday on 3 June 1980!"]
    )
    def test_stays_quiet(self, said: str) -> None:
        """A reference alone is what officers are told to use."""
        assert firing(text(said)) == {}

    def test_reference_in_the_subject_and_health_in_the_body(self) -> None:
        """Together they say who has what; the subject line by itself does not."""
        analysis = text("Seizures again, the hospital has changed the medication.", subject="SL-20417")
        assert set(firing(analysis)) == {Category.OTHER_PERSONAL}
        assert {f.part for f in analysis.findings if f.likelihood >= 0.5} == {"1"}
        assert firing(text("See you at ten.", subject="SL-20417")) == {}

    @pytest.mark.parametrize(
        ("said", "counts"),
        [
            ("She will not come on Monday, she has a doctor's appointment.", False),
            ("He would like an eye test appointment at the optician.", False),
            ("Please bring her back from the hospital clinic at ten.", False),
            ("When is the Court of Protection hearing?", False),
            ("Get well soon after your operation!", False),
            ("She has a pain in her side and sees the doctor.", True),
            ("She was arrested on Saturday and is on bail.", True),
            ("He shouts at her and locks her in her room.", True),
            ("She has 4,200 pounds in savings and owes 900.", True),
            ("Her benefits were stopped.", True),
            ("The key safe code is 4471.", True),
            ("He came out as gay to us.", True),
            ("He wets the bed.", True),
            ("He cuts himself.", True),
            ("His olanzapine went up.", True),
            ("Now on clozapine.", True),
            ("She is HIV positive.", True),
            ("The other one: 23/07/1994, of Harrier Close.", True),
            ("See you on 23/07/2026.", False),
        ],
    )
    def test_words_beside_a_name_that_the_register_knows(self, said: str, counts: bool) -> None:
        """Never enough by the rules alone; the quarter that a known name asks for only where they tell something."""
        part = Part("1", Place.BODY, "text/plain", "", said.encode(), "utf-8")
        by_rules, by_all = (
            max(
                (f.likelihood for f in a.analyse("", [part]).findings if f.category is Category.OTHER_PERSONAL),
                default=0.0,
            )
            for a in (Analyser(classifiers=(rules.classify, personal.classify)), Analyser())
        )
        assert by_rules < 0.5
        assert (by_rules >= 0.25, by_all >= 0.25) == (counts, counts)

    def test_the_sample_number_of_a_form_is_nobodys(self) -> None:
        """Only where the text says that it is an example."""
        assert firing(text("Write the NHS number (for example 943 476 5919) at the top.")) == {}
        assert set(firing(text("For example: her NHS number is 943 476 5870."))) == {Category.OTHER_PERSONAL}

    def test_gives_way_to_a_known_kind(self) -> None:
        """A letter from the clinic is medical, not "other"."""
        assert Category.OTHER_PERSONAL not in firing(text(SPECIMENS[Category.MEDICAL] + "\nNHS No: 943 476 5919"))


class TestNames:
    """File names and subject lines."""

    @staticmethod
    def named(filename: str, content: bytes = b"See you at ten.", subject: str = "") -> Analysis:
        part = Part("2", Place.ATTACHMENT, "application/octet-stream", filename, content)
        return Analyser().analyse(subject, [part])

    @staticmethod
    def of_name(analysis: Analysis) -> Finding:
        return next(f for f in analysis.findings if f.part in {"2#name", "subject"})

    def test_name_alone_is_moderate(self) -> None:
        """A name can be wrong; it is said, below one half."""
        finding = self.of_name(self.named("Risk management plan J Smith.txt"))
        assert (finding.category, finding.evidence[0].place) == (Category.RISK_MANAGEMENT_PLAN, Place.FILE_NAME)
        assert 0.2 < finding.likelihood < 0.5

    def test_name_of_what_cannot_be_read_counts(self) -> None:
        """A locked or broken file called a risk management plan is taken for one."""
        assert self.of_name(self.named("risk_management_plan.pdf", b"%PDF-1.7 broken")).likelihood >= 0.5

    def test_name_lifts_what_says_the_same(self) -> None:
        """Thin content and a name that agree are enough together, where the content alone is not."""
        thin = b"Risk Management Plan\nHazard: stairs\nwith the carer"
        alone, lifted = self.named("a.txt", thin), self.named("Risk management plan.txt", thin)
        score = {a: max(f.likelihood for f in r.findings if f.part == "2") for a, r in ((1, alone), (2, lifted))}
        assert score[1] < 0.6 < score[2]
        assert self.of_name(lifted).likelihood >= 0.5

    def test_name_for_everyone_is_nothing(self) -> None:
        """A policy or template is no plan of anybody's."""
        assert not [f for f in self.named("Risk assessment policy 2026.txt").findings if f.part == "2#name"]

    def test_subject_line_is_moderate_and_said_once(self) -> None:
        """What the subject calls it is evidence, with its words."""
        analysis = self.named("", subject="Risk management plan for SL-20417")
        assert self.of_name(analysis).likelihood < 0.5
        assert [t.text for t in analysis.texts if t.place is Place.SUBJECT_LINE] == [
            "Risk management plan for SL-20417"
        ]

    def test_names_are_texts_for_looking_people_up(self) -> None:
        """Underscores are blanks, so that words are words; nothing moves."""
        texts = {t.part: t.text for t in self.named("All_About_Me_Rowan_Applegarth.txt").texts}
        assert texts["2#name"] == "All About Me Rowan Applegarth.txt"

    def test_identifier_in_a_name_counts(self) -> None:
        """An NHS number in a file name is in clear for all to see."""
        assert Category.OTHER_PERSONAL in firing(self.named("NHS 943 476 5919.txt"))


def test_page_numbers_are_in_the_evidence() -> None:
    """Who reads the reason finds the place."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for lines in (
        ["A covering page that says nothing in particular at all, to nobody."],
        SPECIMENS[Category.INCIDENT].split("\n"),
    ):
        for number, line in enumerate(lines):
            page.drawString(72, 780 - 20 * number, line)
        page.showPage()
    page.save()
    best = max(analyse_document(out.getvalue(), "a.pdf").findings, key=lambda f: f.likelihood)
    assert best.category is Category.INCIDENT
    assert {e.page for e in best.evidence} == {2}


def test_no_classifier_is_an_error() -> None:
    """Empty is not success."""
    with pytest.raises(ValueError, match="no document classifier"):
        Analyser(classifiers=())


@given(st.text(max_size=400))
def test_any_text_has_an_answer(said: str) -> None:
    """Likelihoods lie between 0 and 1, spans inside their text, and folding never moves a character."""
    analysis = text(said)
    assert all(0 <= f.likelihood <= 1 for f in analysis.findings)
    assert len(fold(said)) == len(said)
    for hit in hits(said):
        assert fold(said)[hit.start : hit.end] == hit.phrase

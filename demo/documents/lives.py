"""The invented lives themselves, by council ID. See ``demo.documents.stories`` for what each field is."""

from __future__ import annotations

from dataclasses import replace

from demo.cast import BERNICE, EDWIN, GWEN, MAGDA, OLIVE, OTHER_GWEN, PERCIVAL, ROWAN, TOBIAS
from demo.documents.stories import COMMON, Letter, Medicine, Risk, Story, Therapy


def _man(preferred: str) -> Story:
    return replace(COMMON, preferred=preferred, title="Mr", he="he", him="him", his="his")


def _woman(preferred: str) -> Story:
    return replace(COMMON, preferred=preferred)


_ROWAN = replace(
    _man("Rowan"),
    admired=("I am kind to animals and they know it", "I have a wicked sense of humour", "I keep my promises"),
    important=(
        "The hens: I let them out at eight and shut them in at dusk, nobody else does it",
        "My sister Fern, who telephones every Sunday at four o'clock",
        "Southern steam railways; my timetables are in order and must stay so",
        "A weekend each month at Harrier Close, where there is a snooker table",
    ),
    circle=(
        ("Fern", "My sister", "Telephones on Sundays; I go to stay with her at Christmas"),
        ("Marjorie and Idris", "My Shared Lives carers", "I have lived with them for six years"),
        ("Samuel", "Short-break carer", "One weekend a month; we play snooker"),
        ("Pip", "The dog", "Sleeps at the end of my bed"),
    ),
)

_TOBIAS = replace(
    _man("Toby"),
    conditions=("Autism", "Mild learning disability", "Type 1 diabetes"),
    medicines=(
        Medicine("Insulin glargine", "18 units", "at ten in the evening", "diabetes"),
        Medicine("Insulin aspart", "as the carbohydrate chart says", "with each meal", "diabetes"),
        Medicine("Glucose gel", "one tube", "when blood sugar is under 4", "low blood sugar"),
    ),
    allergies="None known.",
    risks=(
        Risk(
            "Low blood sugar while out or at night",
            "Type 1 diabetes since the age of eleven. Does not always notice that his sugar is falling; two "
            "ambulance calls in 18 months.",
            "Pale, sweating, giggling or suddenly cross; stops in the middle of a sentence.",
            (
                "Sensor alarm set at 4.5; reader in his left pocket, spare in the carer's car",
                "Glucose gel in the rucksack, the car and the kitchen drawer",
                "Never left to 'sleep it off'; 999 if he cannot swallow",
            ),
            (4, 5),
            (2, 4),
        ),
        Risk(
            "Road safety when upset",
            "Crosses well when calm. When a plan changes without warning he walks off fast and does not look.",
            "Humming, walking on tiptoe, asking the same thing more than three times.",
            (
                "Changes of plan are told the evening before, or written down and handed over",
                "Agreed meeting place on every outing",
                "If he walks off: follow at a distance, do not shout, telephone the second carer",
            ),
            (4, 4),
            (2, 4),
        ),
        Risk(
            "Friends on the internet",
            "Enjoys online games. Last winter somebody whom he had never met asked him for photographs and for his "
            "address.",
            "Turning the screen away, late nights, a new telephone.",
            (
                "Weekly keep-safe talk, with his own list of 'things I don't tell'",
                "Console in the family room; off at eleven",
                "Anything worrying is reported to the Shared Lives officer the same day",
            ),
            (3, 4),
            (2, 3),
        ),
        Risk(
            "Kitchen: knives and hot fat",
            "A keen cook who gets carried away. Burned his hand in the autumn.",
            "Talking without a break; pans on full flame.",
            ("Oven chips rather than deep frying", "Carer in the room while the hob is on"),
            (3, 3),
            (2, 2),
        ),
    ),
    letter=Letter(
        "Diabetes Centre",
        "Dr Leopold Ashgrove, Consultant Diabetologist",
        ("Type 1 diabetes mellitus since the age of 11", "Impaired awareness of hypoglycaemia", "Autism"),
        "attended with his new Shared Lives carer",
        (
            (
                "It was good to see Mr Fernley settled in his new home. His HbA1c has come down to 58 mmol/mol and "
                "the "
                "sensor shows 68 % of time in "
                "range. There were two alarms at night in the past month, both answered by the carer."
            ),
            (
                "He injects himself and rotates sites well. Feet: pulses present, monofilament 10/10. Retinal "
                "screening "
                "in the spring showed "
                "background changes only (R1 M0)."
            ),
        ),
        (
            "Insulin glargine reduced from 20 to 18 units at night",
            "Carer to have the hypoglycaemia training session with our specialist nurse",
            "Clinic in three months",
        ),
    ),
)

_MAGDA = replace(
    _woman("Magda"),
    conditions=("Alzheimer's disease (diagnosed two years ago)", "Down's syndrome", "Hypothyroidism"),
    medicines=(
        Medicine("Levothyroxine", "75 micrograms", "morning, before breakfast", "thyroid"),
        Medicine("Donepezil", "10 mg", "bedtime", "memory"),
    ),
    letter=Letter(
        "Memory Assessment Service",
        "Dr Ottoline Greaves, Consultant Psychiatrist",
        ("Dementia in Alzheimer's disease", "Down's syndrome", "Hypothyroidism, treated"),
        "was seen at home with her Shared Lives carer",
        (
            (
                "Ms Ostrowick's memory has declined a little since my last visit: she now needs prompting to dress "
                "and "
                "no longer finds the "
                "bathroom at night. She still knows the family, sings along to every hymn, and was plainly content."
            ),
            (
                "Appetite and weight are steady (61.4 kg). There was no low mood. Swallowing is safe on a normal "
                "diet; "
                "she coughed once on dry "
                "toast. Donepezil has been well tolerated and the pulse is regular at 68."
            ),
            (
                "She was not able to weigh up information about her treatment, and the decision to go on with "
                "donepezil "
                "was made in her best "
                "interests after talking with her carer and her brother."
            ),
        ),
        (
            "Continue donepezil 10 mg at night",
            "Night light and door sensor: referred to the occupational therapist",
            "Speech and language therapist to look at swallowing",
            "Home visit again in four months",
        ),
    ),
)

_BERNICE = replace(
    _woman("Bernice"),
    letter=Letter(
        "Breast Care Unit",
        "Miss Clementine Farrow, Consultant Surgeon",
        ("Left breast lump, benign fibroadenoma", "Anxiety"),
        "attended with a friend",
        (
            (
                "I am pleased to say that the biopsy shows a benign fibroadenoma. No treatment is needed, and Ms "
                "Hollowell was much relieved."
            ),
            (
                "She told us that she would like to speak about her health herself from now on, and asked that "
                "letters "
                "come to her first."
            ),
        ),
        ("Discharged from this clinic", "Routine screening invitation in three years"),
    ),
)

_PERCIVAL = replace(
    _man("Percy"),
    conditions=("Vascular dementia", "Atrial fibrillation", "Hearing loss, both ears"),
    aids=frozenset({"Glasses", "Hearing aid", "Walking frame"}),
    therapy=Therapy(
        "Referred after he was found in the lane at five in the morning, and because he now needs help to wash.",
        "Lives as one of the family in a former forge with a Shared Lives carer. Ground-floor bedroom with a wet "
        "room. A retired signalman, "
        "who gets up when his shift would have started.",
        (
            ("Getting up from bed", "Supervision", "Rises well with the bed lever; forgets the frame"),
            ("Washing and dressing", "Help of one", "Needs each garment handed to him in order"),
            ("Walking indoors", "Supervision", "Safe with the frame when reminded; scuffs on the hearth-rug"),
            ("Eating", "Independent", "Takes his time; spoon with a thick handle is a success"),
        ),
        (
            ("Door sensor with a chime in the carer's bedroom", "Telecare team", "1 week"),
            ("Remove the hearth-rug; contrast tape at the kitchen step", "Carer", "now"),
            ("Capacity assessment on leaving the house at night", "Social worker", "2 weeks"),
        ),
    ),
)

STORIES = {
    ROWAN: _ROWAN,
    OLIVE: _woman("Olive"),
    TOBIAS: _TOBIAS,
    BERNICE: _BERNICE,
    PERCIVAL: _PERCIVAL,
    MAGDA: _MAGDA,
    GWEN: replace(
        _woman("Gwen"),
        admired=("I can name every bird in the garden", "I am brave at the dentist's"),
        important=(
            "My knitting bag goes where I go",
            "Swimming on Mondays, in the slow lane",
            "A cup of tea before any bad news",
        ),
        support=(
            "My warfarin tablets changed last week: the yellow book says how many, not the box",
            "I bruise easily now, so tell the surgery if you see a new one",
            "Remind me kindly; I hate being nagged",
        ),
    ),
    OTHER_GWEN: _woman("Gwen"),
    EDWIN: _man("Ted"),
}

"""What the documents tell of a person beyond the register, and what is common to most people's paperwork.

:data:`COMMON` is a whole story; ``demo.documents.lives`` replaces in it what is particular to one invented person.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Medicine:
    """One line of the medication table."""

    name: str
    dose: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class Risk:
    """One hazard: likelihood and impact from 1 to 5, before and after what is done about it."""

    hazard: str
    what: str
    signs: str
    controls: tuple[str, ...]
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Letter:
    """A hospital clinic's letter."""

    clinic: str
    consultant: str
    diagnoses: tuple[str, ...]
    seen: str
    paragraphs: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Therapy:
    """An occupational therapist's findings."""

    reason: str
    background: str
    findings: tuple[tuple[str, str, str], ...]  # activity, independence, what was seen
    recommendations: tuple[tuple[str, str, str], ...]  # what, who, by when


@dataclass(frozen=True, slots=True)
class Outcome:
    """One wish from the last review and how it went."""

    wish: str
    progress: str
    next_step: str
    rating: str


@dataclass(frozen=True, slots=True)
class Story:
    """One person's life as their paperwork tells it. ``he``, ``him``, ``his`` are their own pronouns."""

    preferred: str
    title: str
    he: str
    him: str
    his: str
    admired: tuple[str, ...]
    important: tuple[str, ...]
    support: tuple[str, ...]
    communication: tuple[tuple[str, str, str], ...]
    day: tuple[tuple[str, str], ...]
    circle: tuple[tuple[str, str, str], ...]
    conditions: tuple[str, ...]
    medicines: tuple[Medicine, ...]
    allergies: str
    food: str
    aids: frozenset[str]
    risks: tuple[Risk, ...]
    letter: Letter
    therapy: Therapy
    outcomes: tuple[Outcome, ...]
    safe: str = (
        "I know my address and carry a card with my carer's number. I am not safe with busy roads when I am upset."
    )


AIDS = ("Glasses", "Hearing aid", "Walking frame", "Wheelchair", "Communication book", "Medical alert bracelet")

_RISKS = (
    Risk(
        "Falls on stairs and outdoors",
        "Has slipped twice in the past year, both times on wet leaves. No serious injury, but confidence has suffered.",
        "Holding on to furniture, refusing the stairs, tiredness after lunch.",
        (
            "Hand-rails on both sides of the stairs, checked each quarter by the carer",
            "Shoes with a good sole; no slippers on the stairs",
            "Carer walks on the road side; allow ten minutes more than seems needed",
        ),
        (4, 3),
        (2, 3),
    ),
    Risk(
        "Epilepsy: seizure in the bath or while out",
        "Tonic-clonic seizures, last one in the spring. Usually lasts two minutes and is followed by an hour of sleep.",
        "Staring, plucking at clothes, says that 'the lights have gone funny'.",
        (
            "Shower rather than bath; door unlocked, carer within hearing",
            "Rescue medication in the blue pouch whenever away from home",
            "999 if a seizure lasts longer than five minutes or a second one follows",
        ),
        (3, 5),
        (2, 4),
    ),
    Risk(
        "Being taken advantage of by strangers",
        "Trusts everybody who is friendly, and has twice given away a telephone to somebody at the bus station.",
        "New 'friends' whose surname is not known; things missing; not wanting to say where the day was spent.",
        (
            "Keep-safe sessions with the advocate each month",
            "Carries no more than is needed for the day",
            "Carer asks each evening about the day, without making it an interrogation",
        ),
        (4, 4),
        (3, 3),
    ),
    Risk(
        "Distress in noise and crowds",
        "Shouts and may push past people to get out. Nobody has been hurt. It passes within minutes in a quiet place.",
        "Covering the ears, pacing, repeating one question.",
        (
            "Shops before ten in the morning; ear defenders in the rucksack",
            "Say once where the quiet place is, then wait",
            "Do not hold back by the arm unless there is traffic",
        ),
        (4, 3),
        (2, 2),
    ),
)

_LETTER = Letter(
    "Neurology Outpatients",
    "Dr Ottoline Greaves, Consultant Neurologist",
    ("Epilepsy with generalised tonic-clonic seizures, well controlled", "Mild learning disability"),
    "attended with the Shared Lives carer",
    (
        (
            "Thank you for asking us to review this pleasant patient, who remains seizure-free since the dose was "
            "changed in the spring. The "
            "carer keeps a careful diary, for which I am grateful."
        ),
        (
            "There is no drowsiness and no unsteadiness. On examination the gait was normal, there was no nystagmus, "
            "and "
            "the blood pressure was "
            "128/76 mmHg. Recent blood tests, including sodium and liver function, were within the normal range."
        ),
        (
            "We talked about sleep and about not missing the evening dose. Bone health was also discussed, as the "
            "treatment is long term."
        ),
    ),
    (
        "Continue the present medication without change",
        "Vitamin D level and bone profile with the next blood test at the surgery",
        "Review in this clinic in six months; earlier if there is any further seizure",
    ),
)

_THERAPY = Therapy(
    "Referred by the Shared Lives officer after a fall in the bathroom, for advice on bathing, stairs and kitchen "
    "tasks.",
    "Lives as one of the family in a two-storey cottage with a Shared Lives carer. Sleeps upstairs; bathroom with a "
    "bath and an over-bath "
    "shower, no rails. Enjoys cooking and wants to go on with it.",
    (
        ("Getting up from bed", "Independent", "Slow, uses the bedside table to push up from; safe"),
        ("Stairs", "Supervision", "One rail only; left hand reaches for the wall; stops twice"),
        ("Bath transfer", "Help of one", "Steps over the side holding the basin, which is loose"),
        ("Hot drink", "Prompting", "Safe with a kettle tipper; forgets to switch off at the wall"),
        ("Simple meal", "Prompting", "Plans and sequences well with the picture recipe; knife skills good"),
    ),
    (
        ("Second stair rail, left side", "Council's adaptations team", "4 weeks"),
        ("Bath board and grab rail; trial of a level-access shower if no better", "OT", "2 weeks"),
        ("Kettle tipper and induction hob with automatic switch-off", "Shared Lives officer", "6 weeks"),
        ("Strength and balance group, ten sessions", "Physiotherapy", "from next month"),
    ),
)

_OUTCOMES = (
    Outcome(
        "I want to cook tea for everybody once a week",
        "Cooks on Thursdays with a picture recipe; has made nine different meals",
        "Choose and buy the ingredients with a list",
        "Achieved",
    ),
    Outcome(
        "I want to go to the gardening group on my own",
        "Takes the bus there; is met at the stop on the way back",
        "Try the way back alone, with a phone call at the stop",
        "Nearly there",
    ),
    Outcome(
        "I want to lose some weight so that my knees hurt less",
        "Lost 3 kg, swims on Mondays; finds evenings hard",
        "Fruit in the biscuit tin; weigh-in at the surgery each month",
        "Going well",
    ),
    Outcome(
        "I want to see more of my family",
        "Two visits since the last review; telephone each Sunday",
        "Plan a weekend away with family in the summer",
        "Going well",
    ),
)

COMMON = Story(
    preferred="",
    title="Ms",
    he="she",
    him="her",
    his="her",
    admired=("I make people laugh", "I remember everybody's birthday", "I never give up on a jigsaw"),
    important=(
        "My own front-door key, and that people knock before they come in",
        "Sunday dinner with everybody at the table, telephones put away",
        "Going to the gardening group on Tuesdays and Fridays, whatever the weather",
        "Knowing the evening before what will happen the next day",
    ),
    support=(
        "Tell me one thing at a time and give me time to answer: count to ten before you ask again",
        "Write the day on my board in the kitchen, with a picture for each thing",
        "If I go to my room, leave me for fifteen minutes, then bring me a cup of tea",
        "Help me with my laces and buttons; I can do the rest",
    ),
    communication=(
        ("I put my hands over my ears", "It is too loud for me", "Show me the way out; talk later"),
        ("I say 'I'm fine' twice", "I am not fine", "Sit down next to me and wait"),
        ("I ask what time it is again and again", "I am worried about what comes next", "Look at my board with me"),
    ),
    day=(
        ("7.30", "Tea in bed, then shower. I choose my clothes the night before"),
        ("8.30", "Porridge and toast; my tablets come out of the blue box after I have eaten"),
        ("9.30", "Gardening group, the shop, or helping with the hens"),
        ("12.30", "Packed lunch, which I make myself"),
        ("15.30", "Home on the number 7 bus; radio and a sit-down"),
        ("18.00", "Tea with everybody. Thursday is my turn to cook"),
        ("21.30", "Evening tablets, bath on Wednesday and Saturday, light off at half past ten"),
    ),
    circle=(
        ("My sister", "Telephones every Sunday at four", "She knows my story better than anybody"),
        ("Pip", "The dog", "Sleeps at the end of my bed"),
        ("The gardening group", "Tuesdays and Fridays", "My friends are there"),
    ),
    conditions=("Mild learning disability", "Epilepsy", "Osteoarthritis of both knees"),
    medicines=(
        Medicine("Lamotrigine", "100 mg tablet", "morning and evening", "epilepsy"),
        Medicine("Colecalciferol", "800 units capsule", "morning", "bones"),
        Medicine("Paracetamol", "500 mg, one or two", "when needed, at most four times a day", "painful knees"),
    ),
    allergies="Penicillin (rash, as a child). No food allergies.",
    food="I eat nearly everything. Cut meat small for me. I do not like mushrooms, and tea must be strong.",
    aids=frozenset({"Glasses", "Medical alert bracelet"}),
    risks=_RISKS,
    letter=_LETTER,
    therapy=_THERAPY,
    outcomes=_OUTCOMES,
)

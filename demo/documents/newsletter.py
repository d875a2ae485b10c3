"""The carers' newsletter (PDF): nothing in it is confidential, and nobody in it is a service user."""

from __future__ import annotations

from datetime import date, timedelta

from demo.documents import paper
from demo.documents.case import long_date


def newsletter(today: date) -> bytes:
    """A PDF of two pages: welcome, dates, a recipe, training, a thank-you."""
    sheet = paper.Sheet(
        title="The Kitchen Table",
        reference=f"The Kitchen Table, {today:%B %Y}",
        sender="Hampshire Shared Lives",
        brand="#7a4b00",
        marking="Newsletter for carers",
    )
    return paper.render(sheet, lambda: _flow(sheet, today))


def _flow(sheet: paper.Sheet, today: date) -> paper.Flow:
    def ahead(days: int) -> str:
        return long_date(today + timedelta(days=days))

    return [
        *paper.title(sheet, "The Kitchen Table", f"News for Shared Lives households, {today:%B %Y}"),
        paper.heading(sheet, "Welcome"),
        *paper.text(
            sheet,
            "Hello from the team! Three new households have been approved since our last issue, which makes "
            "sixty-one kitchen tables across the "
            "county with a place laid for somebody more. Thank you, all of you, for what you do every day.",
            "Shared Lives Week is coming, and this year's theme is 'Ordinary days'. Send us a picture of an ordinary "
            "thing that makes your house a "
            "home: a row of wellingtons, a tea-stained mug, a dog where a dog should not be. Please, no people in "
            "the pictures unless you have asked them.",
        ),
        paper.heading(sheet, "Dates for the fridge door"),
        paper.table(
            sheet,
            ("When", "What", "Where"),
            (
                (ahead(9), "Carers' coffee morning, 10.30 to 12", "Meonbourne village hall"),
                (ahead(17), "Walk and picnic, dogs welcome", "Meet at the duck pond, Itchen Parva"),
                (ahead(24), "Quiz night: bring a team of six and a cake", "The Signal Box, Wealdmere"),
                (ahead(38), "Summer fair with the steam organ", "Langbury sea front"),
            ),
            (45, 75, 50),
        ),
        paper.heading(sheet, "The recipe: Wednesday apple crumble"),
        *paper.text(
            sheet, "For eight, or for four who come back for more. Takes fifteen minutes, and forty in the oven."
        ),
        *paper.bullets(
            sheet,
            "1 kg cooking apples, 60 g sugar, a little cinnamon",
            "200 g plain flour, 50 g oats, 125 g cold butter, 100 g brown sugar",
        ),
        *paper.numbered(
            sheet,
            "Peel and slice the apples into a deep dish. Strew with the sugar and the cinnamon.",
            "Rub the butter into flour and oats until it looks like breadcrumbs; stir in the brown sugar. This is "
            "the part for small or stiff hands.",
            "Spread over the apples, do not press down. Bake at 180 degrees until it is brown and the juice bubbles "
            "at the edge.",
            "Custard. There is no argument about the custard.",
        ),
        paper.heading(sheet, "Training and how-to"),
        *paper.text(
            sheet,
            "The yearly data protection course is open again on the learning site; it takes forty minutes, and your "
            "officer can sit with you if "
            "computers and you do not get on. There is also a new short film on how to open a protected email from "
            "us on a telephone.",
            "At the coffee morning Priya will go through the new All About Me booklet, with blank copies to take "
            "home. Bring your questions; "
            "nobody will be asked to bring a filled one, and please don't.",
        ),
        paper.heading(sheet, "Five questions to a carer of twenty years"),
        *paper.text(
            sheet,
            "What made you begin? A card in the post-office window, and a spare room that was too tidy.",
            "What did you wish you had known? That the first week is the hardest, and that everybody is on their "
            "best behaviour until the first row "
            "about the remote control. Then it is a home.",
            "What do you say to new carers? Write things down, ring your officer early rather than late, and take "
            "your breaks.",
            "Best day? A birthday on the beach in February, in coats, with candles that would not stay lit.",
            "And the worst? Moving house with eleven hens in a hatchback.",
        ),
        paper.heading(sheet, "Mileage and respite claims"),
        *paper.text(
            sheet,
            "Claims in by the 25th are paid on the 10th. The form has not changed; the address on it has. If you "
            "lost yours, ring the office and we "
            "will post a new pad. Please put one household on each form.",
        ),
        paper.heading(sheet, "From the garden"),
        *paper.text(
            sheet,
            "Sow French beans now, two to a pot. Water in the morning. Slugs do not like to cross sheep's wool, and "
            "neither, we are told, does the cat.",
        ),
        paper.heading(sheet, "Swap and lend"),
        *paper.bullets(
            sheet,
            "Offered: a folding table-tennis table, needs a net",
            "Wanted: jam jars, any number, before the plums are ripe",
            "To lend: a marquee for family parties (ask the office)",
        ),
        paper.heading(sheet, "Thank you"),
        *paper.text(
            sheet,
            "To everyone who stood in the rain at the plant sale: you raised \u00a3412 for the outings fund. The "
            "minibus is going to the sea.",
            "The next issue comes in two months. Write to team@sharedlives.hants.example, or telephone 01632 960100.",
        ),
    ]

"""Words that name no kind of document: who it is about, whether it is for everyone, whether it speaks of health.

Purpose: the words, and nothing but the words, separated by bars. Trust: ours. Failure: none.
"""

from __future__ import annotations

PERSON_LABELS = (
    "name|full name|service user|service user name|name of service user|person's name|patient|patient name|"
    "name of patient|client name|client|surname|forename|first name|last name|preferred name|dob|d.o.b|date of birth|"
    "born|nhs no|nhs number|nhs|hospital number|hospital no|address|home address|postcode|telephone|gp|gp name|"
    "next of kin|ni number|national insurance number|case no|re|account holder|account name|council id|"
    "shared lives id|"
    "service user id|swift id|person id|gender|ethnicity|religion"
)
"""Fields that say whom a document is about. They prove no kind of document, but that a form is filled in."""

GENERAL = (
    "policy|procedure|procedures|newsletter|rota|staff rota|training|guidance|template|leaflet|factsheet|fact sheet|"
    "user guide|handbook|toolkit|guide to|guide for|how to|frequently asked questions|training course|"
    "course|workshop|"
    "agenda|learning outcomes|learning objectives|press release|terms of reference|job description|privacy notice|"
    "blank form|example|sample|slide|quiz|bulletin|what's on|timetable|easy read|code of practice|job advert|vacancy"
)
"""Title words of what is written for everyone."""

HEALTH_WORDS = (
    "medication|medicine|tablets|seizure|seizures|epilepsy|diabetes|insulin|hospital|diagnosis|diagnosed|gp|dementia|"
    "autism|autistic|schizophrenia|depression|anxiety|bipolar|psychosis|self-harm|suicidal|incontinence|incontinent|"
    "catheter|continence|dysphagia|choking|fall|falls|surgery|operation|infection|antibiotics|blood test|"
    "cancer|stroke|"
    "wound|pressure sore|mental health|learning disability|safeguarding|abuse|bruise|bruising|injury|psychiatrist|"
    "appointment|ward|a&e|paramedics|~benefits|pip|appointee|court|deputy|capacity|allergic|allergy|asthma|overdose|"
    "alcohol|challenging behaviour|behaviour|distressed|placement|prescription|dose|dosage|nurse|doctor|"
    "symptoms|pain|"
    "weight loss|constipation|covid|hiv|hepatitis"
)
"""Words of care and health: beside something that names a person they make the text personal."""

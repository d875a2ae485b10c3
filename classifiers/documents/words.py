"""Words that name no kind of document: who it is about, whether it is for everyone, whether it is of private life.

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

VISIT_WORDS = (
    "appointment|appointments|tablets|chemist|gp|doctor|doctors|dr's|nurse|hospital|surgery|dentist|dental|optician|chiropodist|"
    "podiatrist|clinic|health centre|medical|ill|sick|learning disability|learning disabilities|learning difficulties"
)
"""Whom one goes to see, where, and what all the service's people have. Together they say no more than one of them."""

EVERYDAY_WORDS = (
    "operation|placement|weight|benefits|court|deputy|appointee|capacity|pain|fall|falls|fell|injury|infection|"
    "allergic|allergy|behaviour|ward|a&e|pip|covid|symptoms|blood test|alcohol|police|savings|loan|debt|owes|money|"
    "girlfriend|boyfriend|relationship|drinking|crying|tearful|upset|shouted|shouts|x-ray|choking|asthma|vodka|"
    "lives alone|not sleeping|lonely|ambulance|burglary|knife|relationships|confused|nerves|periods|temper|"
    "test results|lump|lost weight|losing weight|put on weight|can't pay|cannot pay|can't afford|cannot afford|"
    "thrown out|in love with|locked out|locked up|behind with|hearing loss|wanders|wandering|admitted to|"
    "discharged from|controlling|rushed to|fits|rent|gas bill|steals"
)
"""Words of care, health and money that ordinary mails use too: one says nothing, two together do."""

_DIAGNOSES = (
    "diagnosis|diagnoses|diagnosed|undiagnosed|epilepsy|epileptic|seizure|seizures|had a fit|having fits|"
    "status epilepticus|diabetes|diabetic|dementia|alzheimer's|alzheimers|autism|autistic|asperger's|aspergers|asd|"
    "adhd|schizophrenia|schizophrenic|schizoaffective|paranoid|paranoia|psychosis|psychotic|bipolar|depression|"
    "depressed|depressive|manic|mania|hypomanic|anxiety|panic attacks|ocd|ptsd|personality disorder|eupd|bpd|"
    "delusions|delusional|hallucinations|hallucinating|hearing voices|hears voices|mental health|mental illness|"
    "mentally ill|psychiatric|psychiatrist|psychologist|psychotherapy|counselling|sectioned|self-neglect|"
    "eating disorder|anorexia|anorexic|bulimia|down's syndrome|downs syndrome|down syndrome|fragile x|prader-willi|"
    "williams syndrome|rett syndrome|cerebral palsy|spina bifida|hydrocephalus|tourette's|tourettes|brain injury|"
    "parkinson's|parkinsons|huntington's|multiple sclerosis|motor neurone|stroke|cancer|tumour|chemotherapy|"
    "radiotherapy|leukaemia|terminally ill|palliative|end of life|heart failure|heart attack|angina|copd|emphysema|"
    "kidney failure|kidney disease|dialysis|liver disease|cirrhosis|hepatitis|hiv|antiretrovirals|tuberculosis|mrsa|"
    "c diff|sepsis|pneumonia|cellulitis|ulcer|ulcers|thyroid|hypothyroidism|obese|obesity|malnourished|dysphagia|"
    "coeliac|crohn's|colitis|eczema|psoriasis|scabies|head lice|arthritis|osteoporosis|anaemia|sickle cell|"
    "haemophilia|hypertension|high blood pressure|hypo|hypos|hypoglycaemia|blood sugars|anaphylaxis|pressure sore|"
    "pressure ulcer|wound|fracture|fractured|broke his hip|broke her hip|concussion|registered blind|cataract|"
    "glaucoma|deafblind|weight loss|constipation|constipated|diarrhoea|vomiting|antibiotics|paramedics|"
    "intensive care|biopsy|colonoscopy|miscarriage|miscarried|pregnant|pregnancy|abortion|menopause|hysterectomy|"
    "lacks capacity|lack capacity|dnacpr|do not resuscitate|had a breakdown|nervous breakdown|hiv positive|"
    "partially sighted|has fits|had fits|having a fit|lupus|fibromyalgia|chronic fatigue|seeing things|sees things|"
    "talking to <self>|talks to <self>|stopped eating|not eating|isn't eating|won't eat|refuses to eat|"
    "refusing to eat|lost two stone|lost a stone|lost <whose> baby|lost the baby|stillborn|tested positive|"
    "panic attack|low mood|in crisis|crisis team|in a coma|life support|been in hospital|collapsed|passed out|"
    "fainted|blackout|blackouts|<whose> kidneys|<whose> liver|bowel|bowels|prostate|smear test|mammogram|tumours|"
    "amputated|amputation|memory loss|losing <whose> memory|lack of capacity|can't make decisions"
)
_MEDICINES = (
    "medication|medications|medicine|medicines|meds|prescription|prescriptions|prescribed|dose|dosage|overdose|"
    "overdosed|prn|mar chart|mar sheet|depot injection|side effects|lamotrigine|sodium valproate|valproate|valproic|"
    "epilim|depakote|levetiracetam|keppra|carbamazepine|tegretol|oxcarbazepine|phenytoin|phenobarbital|"
    "phenobarbitone|primidone|topiramate|zonisamide|lacosamide|brivaracetam|perampanel|clobazam|clonazepam|"
    "ethosuximide|gabapentin|pregabalin|vigabatrin|rufinamide|cenobamate|epidyolex|buccolam|buccal midazolam|"
    "midazolam|rescue medication|diazepam|valium|lorazepam|temazepam|nitrazepam|oxazepam|chlordiazepoxide|zopiclone|"
    "zolpidem|melatonin|promethazine|buspirone|propranolol|sertraline|citalopram|escitalopram|fluoxetine|prozac|"
    "paroxetine|fluvoxamine|venlafaxine|duloxetine|mirtazapine|trazodone|amitriptyline|nortriptyline|clomipramine|"
    "imipramine|lofepramine|dosulepin|bupropion|vortioxetine|agomelatine|phenelzine|lithium|priadel|antidepressant|"
    "antidepressants|antipsychotic|antipsychotics|clozapine|clozaril|olanzapine|zyprexa|risperidone|risperdal|"
    "paliperidone|quetiapine|seroquel|aripiprazole|abilify|amisulpride|sulpiride|haloperidol|chlorpromazine|"
    "zuclopenthixol|clopixol|flupentixol|depixol|fluphenazine|trifluoperazine|levomepromazine|lurasidone|cariprazine|"
    "pimozide|procyclidine|trihexyphenidyl|orphenadrine|donepezil|rivastigmine|galantamine|memantine|methylphenidate|"
    "ritalin|concerta|lisdexamfetamine|elvanse|dexamfetamine|atomoxetine|guanfacine|clonidine|warfarin|apixaban|"
    "rivaroxaban|edoxaban|dabigatran|heparin|clopidogrel|aspirin|insulin|metformin|gliclazide|sitagliptin|"
    "linagliptin|dapagliflozin|empagliflozin|semaglutide|ozempic|liraglutide|levothyroxine|carbimazole|omeprazole|"
    "lansoprazole|gaviscon|famotidine|amlodipine|ramipril|lisinopril|perindopril|losartan|candesartan|bisoprolol|"
    "atenolol|doxazosin|furosemide|bumetanide|spironolactone|bendroflumethiazide|digoxin|diltiazem|verapamil|"
    "isosorbide|simvastatin|atorvastatin|pravastatin|statin|statins|salbutamol|ventolin|beclometasone|montelukast|"
    "tiotropium|symbicort|fostair|prednisolone|dexamethasone|hydrocortisone|cetirizine|loratadine|chlorphenamine|"
    "epipen|codeine|co-codamol|dihydrocodeine|tramadol|morphine|oramorph|oxycodone|fentanyl|buprenorphine|methadone|"
    "naltrexone|naloxone|acamprosate|disulfiram|antabuse|ibuprofen|naproxen|diclofenac|baclofen|tizanidine|"
    "amoxicillin|flucloxacillin|doxycycline|trimethoprim|nitrofurantoin|clarithromycin|ciprofloxacin|metronidazole|"
    "aciclovir|laxido|movicol|macrogol|senna|lactulose|docusate|bisacodyl|loperamide|oxybutynin|solifenacin|"
    "tolterodine|mirabegron|tamsulosin|finasteride|hyoscine|glycopyrronium|metoclopramide|domperidone|cyclizine|"
    "ondansetron|alendronic acid|folic acid|methotrexate|hydroxychloroquine|allopurinol|colchicine|tamoxifen|"
    "depo-provera|medroxyprogesterone|cyproterone|sildenafil|viagra|testosterone|hrt|tablet for|tablets for|pills|"
    "sleeping tablets|sleeping pills|water tablets|blood thinners|painkillers|inhaler|steroids|sedated|sedation|"
    "sedative|depot|refuses <whose> tablets|refusing <whose> tablets"
)
_BODY = (
    "incontinence|incontinent|continence|continence pads|incontinence pads|catheter|stoma|colostomy|toileting|"
    "bedwetting|bed-wetting|bed wetting|wet the bed|wets the bed|wetting the bed|wet the sofa|wets <self>|wet <self>|"
    "soils <self>|soiled <self>|soiling|smears|smearing|faeces|faecal|enema|suppository|suppositories|peg fed|"
    "peg feed|personal care|intimate care|needs help to wash|needs help with washing|help to wash|help with washing|"
    "help in the shower|washing and dressing|body odour|refuses to wash|accident in <whose>|soiled <whose>|"
    "soils <whose>|messes <self>|messed <self>|incontinent of|<whose> pads|commode|heavy periods|sanitary towels"
)
_ABUSE = (
    "safeguarding|abuse|abused|abuser|abusive|abusing|neglect|neglected|bruise|bruises|bruised|bruising|hit <one>|"
    "hits <one>|hitting <one>|beat <one>|beats <one>|slapped|slaps <one>|punched|punches <one>|kicked <one>|"
    "kicks <one>|pushed <one>|pushes <one>|shoved|choked <one>|strangled|grabbed <one>|threatened|threatens|"
    "threatening|shouts at|shouted at|shouting at|screams at|screamed at|swears at|swore at|bullied|bullying|"
    "locks <one> in|locked <one> in|locks <one> out|locked <one> out|locked in <whose> room|lock on <whose> door|"
    "restrained|restraint|restrains|restrain|held <one> down|frightened of|scared of|afraid of|terrified|"
    "took <whose> money|takes <whose> money|stole|stolen from|stealing from|took advantage|exploited|exploitation|"
    "exploiting|cuckooed|cuckooing|coercive|trafficked|modern slavery|forced marriage|honour based|domestic violence|"
    "domestic abuse|raped|rape|sexual assault|sexually|molested|groped|touched <one>|indecent|made a disclosure|"
    "disclosed that|allegation|allegations|alleged|alleges|perpetrator|whistleblowing|radicalised|was groomed|"
    "being groomed|grooming <one>|taking <whose> money|taken <whose> money|takes <whose> benefits|"
    "taking <whose> benefits|steals from|into <whose> bedroom|into <whose> bed|interfered with|"
    "inappropriate touching|touches <one>|black eye|burn marks|hand marks|cigarette burns|left alone all|not fed|"
    "won't let <one>|does not want <whose> family|know where she lives|know where he lives|in a refuge|women's refuge"
)
_CRIME = (
    "arrest|arrested|on bail|bailed|police bail|bail conditions|breach of bail|police caution|cautioned by|"
    "under caution|prison|jail|jailed|imprisoned|remanded|custody|police station|probation|convicted|conviction|"
    "convictions|criminal record|offender|offenders|reoffending|sex offender|charged with|magistrates|crown court|"
    "shoplifting|shoplifted|theft|assault|assaulted|arson|stalking|harassment|restraining order|injunction|"
    "non-molestation|asbo|county lines|community order|suspended sentence|court summons|eviction|evicted|homeless|"
    "asylum|immigration status|deported|magistrate|up in court|before the court|in trouble with the police|"
    "police called|police were called|police have been|known to the police|reported to the police|"
    "released from prison|out of prison|sentenced|electronic tag|dealing drugs|sleeping rough|rough sleeping|"
    "kicked out|sex offenders"
)
_MONEY = (
    "in savings|<whose> savings|life savings|in debt|debts|<whose> debt|loan shark|loan sharks|payday loan|"
    "<whose> loan|took out a loan|arrears|bailiff|bailiffs|bankrupt|bankruptcy|overdrawn|<whose> overdraft|gambling|"
    "gambles|gambled|benefits stopped|benefits were stopped|benefits have been stopped|benefits have stopped|"
    "benefit stopped|benefits suspended|benefits were suspended|stopped <whose> benefits|stopped <whose> pip|"
    "benefit sanction|sanctioned|benefit fraud|overpayment|scammed|defrauded|inheritance|inherited|"
    "<whose> bank account|<whose> bank card|<whose> pin|pin number|cash card|borrowed money|lends money|"
    "spent all <whose>|key safe|keysafe|key-safe|key code|keycode|door code|entry code|gate code|safe code|"
    "owes money|owe money|owing money|failed <whose> pip|pip assessment|lost <whose> benefits|lost <whose> pip|"
    "money troubles|money problems|pawned|penniless|county court judgment|ccj|<whose> savings account|"
    "<whose> inheritance|trust fund"
)
_INTIMATE = (
    "gay|lesbian|bisexual|homosexual|transgender|transitioning|trans woman|trans man|non-binary|gender identity|"
    "gender dysphoria|came out as|come out as|coming out as|sexuality|sexual|sexual orientation|having an affair|"
    "<whose> boyfriend|<whose> girlfriend|sleeping with|slept with|in a relationship with|<whose> relationship|"
    "broke up with|split up with|pornography|porn|masturbates|masturbating|masturbation|masturbate|exposed <self>|"
    "exposes <self>|condom|condoms|contraception|contraceptive|sti|sexual health|chlamydia|gonorrhoea|syphilis|"
    "genital|virginity|having sex|had sex|sex with|is dating|sexting|indecent pictures|sending pictures of|"
    "dirty pictures|lost <whose> virginity|sterilised|the coil|morning after pill"
)
_CONDUCT = (
    "self-harm|self harm|self-harms|self-harmed|self-harming|self harming|suicide|suicidal|kill <self>|"
    "end <whose> life|cut <self>|cuts <self>|cutting <self>|burns <self>|harm <self>|harms <self>|harmed <self>|"
    "harming <self>|hurt <self>|hurts <self>|hits <self>|hitting <self>|bites <self>|bangs <whose> head|head banging|"
    "ligature|starving <self>|challenging behaviour|distressed|aggressive|aggression|violent|violence|lashes out|"
    "lashed out|lashing out|attacked|hit another|hits another|bit another|bit <one>|spat at|spits at|kicked off|"
    "smashed|smashes|trashed|threw a|throws things|meltdown|meltdowns|outburst|outbursts|tantrum|tantrums|"
    "damaged property|set fire|fire setting|absconded|absconding|absconds|ran away|runs away|went missing|"
    "goes missing|missing person|alcoholic|alcoholism|alcohol dependent|alcohol abuse|drinks too much|drinking again|"
    "drinking heavily|drinking too much|bottle of vodka|bottle of whisky|bottle of wine a day|drunk|intoxicated|"
    "relapsed|relapse|rehab|detox|addict|addicted|addiction|cannabis|smokes weed|smoking weed|cocaine|crack cocaine|"
    "heroin|ketamine|amphetamine|amphetamines|on drugs|taking drugs|takes drugs|using drugs|uses drugs|drug use|"
    "drug dealer|drug misuse|substance misuse|legal highs|hoarding|hoards|hit the carer|hits the carer|hit a member|"
    "hit somebody|hit someone|bites people|scratches <whose>|scratched <whose>|scratches <self>|picks <whose> skin|"
    "pulls <whose> hair out|pulled <whose> hair|wants to die|want to die|wishes he was dead|wishes she was dead|"
    "doesn't want to live|does not want to live|tried to hang|jumped off|swore at|flies off|lost <whose> temper|"
    "drinks every|drinking every|smells of drink|smelt of drink|smells of alcohol|drink problem|on the drink|high on|"
    "glue sniffing|stopped by the police"
)
_WHO = {
    "<self>": ("himself", "herself", "themselves", "themself", "myself"),
    "<one>": ("him", "her", "them", "me"),
    "<whose>": ("his", "her", "their", "my"),
}


def _spelt_out(listed: str) -> str:
    """The same list with every place-holder written as each of the words that it stands for."""
    for holder, words in _WHO.items():
        many = ((p.replace(holder, w) for w in words) if holder in p else (p,) for p in listed.split("|"))
        listed = "|".join(phrase for phrases in many for phrase in phrases)
    return listed


_TELLING = {
    "diagnosis": _DIAGNOSES,
    "medicine": _MEDICINES,
    "body": _BODY,
    "abuse": _ABUSE,
    "crime": _CRIME,
    "money": _MONEY,
    "intimate": _INTIMATE,
    "conduct": _CONDUCT,
}
TELLING_WORDS = _spelt_out("|".join(_TELLING.values()))
"""Words of which one beside a name is already somebody's private life: diagnoses, medicines, abuse, crime, money."""

HEALTH_WORDS = "|".join(dict.fromkeys(f"{VISIT_WORDS}|{EVERYDAY_WORDS}|{TELLING_WORDS}".split("|")))
"""All of them, each once: beside something that names a person they make the text personal."""

TOPICS = {
    **{topic: frozenset(_spelt_out(listed).split("|")) for topic, listed in _TELLING.items()},
    "everyday": frozenset(EVERYDAY_WORDS.split("|")),
    "visit": frozenset(VISIT_WORDS.split("|")),
}
"""The same words by what they are about: one medicine is worth what another is, known or not."""

ORDINARY_WORDS = (
    "meeting meetings room rota parking park agenda minutes invoice invoices receipt receipts ticket tickets "
    "lunch tea coffee cake cakes coach minibus lift train bus station desk key keys printer laptop projector "
    "stapler email e-mail website link slides newsletter leaflet leaflets poster posters photo photos "
    "photographer training course workshop conference interviews panel application vacancy holiday timesheet "
    "timesheets mileage expenses payroll budget delivery parcel stationery folder folders template templates "
    "policy guidance handbook draft comments survey board committee inspection raffle quiz party barbecue fete "
    "fair jumble panto pantomime concert choir theatre cinema garden allotment flower flowers recipe programme "
    "exhibition hall venue doors seat seats table tables chair chairs heating boiler plumber engineer carpet bin "
    "bins kettle fridge uniform badge login quotation lease contract subscription vat supplier stock swap traffic "
    "snow birthday retirement wedding congratulations welcome thanks invite invited spare borrow"
)
"""What offices, carers and clubs write about all day. They clear nobody; they are worth what is learned."""

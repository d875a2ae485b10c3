"""What people write at the head of, and inside, each kind of document.

Purpose: the words, and nothing but the words; how they weigh is in ``rules.py``. Lower case, straight quotes.
Trust: ours. Failure: none.

``titles`` name the document. ``headings`` head its sections. ``labels`` are fields with something to fill in. A tilde
marks words that many kinds of document share. ``phrases`` count wherever they stand, and so must be ones that only
such documents use; ``strong`` ones nearly prove it.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.model import Category


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One category's words, each list separated by bars."""

    titles: str
    headings: str = ""
    labels: str = ""
    phrases: str = ""
    strong: str = ""


VOCABULARY: dict[Category, Vocabulary] = {
    Category.ALL_ABOUT_ME: Vocabulary(
        titles=(
            "all about me|about me|my one page profile|one page profile|this is me|my life story|hospital passport|"
            "health passport|my care passport|person centred profile"
        ),
        headings=(
            "what is important to me|what's important to me|important to me|how best to support me|"
            "how to support me|how i communicate|what people like about me|what people like and admire about me|"
            "things i like|things i don't like|things i do not like|my likes|my dislikes|likes and dislikes|"
            "my daily routine|my morning routine|my night time routine|my family and friends|"
            "people important to me|my health|my hopes and dreams|what makes me happy|what upsets me|"
            "what makes me anxious|a good day|a bad day|my history"
        ),
        labels=(
            "my name is|i like to be called|preferred name|known as|i live with|my birthday|my favourite food|"
            "my religion|my gp is|my communication"
        ),
        phrases=(
            "i need help with|i need support with|i need support to|please support me|i like to be called|"
            "i do not like it when|i don't like it when|i get upset when|i get anxious when|i communicate by|"
            "i can become anxious|help me to feel|my carer helps me|you can help me by"
        ),
    ),
    Category.RISK_MANAGEMENT_PLAN: Vocabulary(
        titles=(
            "risk management plan|service user risk management plan|individual risk assessment|risk assessment|"
            "risk assessment and management plan|positive risk plan|risk enablement plan|"
            "positive behaviour support plan|behaviour support plan|crisis plan|safety plan|"
            "moving and handling plan|missing person protocol|herbert protocol"
        ),
        headings=(
            "summary of risks|early signs|what could happen|what may happen|what might happen|"
            "what could go wrong|identified risks|identified risk|risk to self|risk to others|risks to others|"
            "risk from others|"
            "known triggers|~triggers|early warning signs|control measures|existing controls|"
            "existing control measures|actions to reduce risk|management strategies|proactive strategies|"
            "reactive strategies|contingency plan|risk of harm|risk history|history of risk|risk formulation|"
            "protective factors|description of risk"
        ),
        labels=(
            "risk rating|risk level|level of risk|likelihood|severity|who is at risk|hazard|risk identified|"
            "trigger|control measure|residual risk|person completing|service user"
        ),
        phrases=(
            "risk of choking|risk of falls|risk of absconding|risk of self-harm|risk of exploitation|"
            "risk of seizures|when distressed|must be supervised|must not be left alone|line of sight|2:1 support|"
            "1:1 support|de-escalation|physical intervention|prn protocol"
        ),
    ),
    Category.MEDICAL: Vocabulary(
        titles=(
            "medication administration record|mar chart|mar sheet|medication chart|medication list|"
            "medication profile|repeat prescription|prescription|discharge summary|hospital discharge letter|"
            "clinic letter|outpatient letter|health action plan|annual health check|epilepsy care plan|"
            "epilepsy protocol|diabetes care plan|hospital appointment|test results|blood results|pathology report|"
            "radiology report|operative report|operative note|consultation note|progress note|history and physical|"
            "emergency department report|treatment plan|catheter care plan|eating and drinking guidelines"
        ),
        headings=(
            "diagnosis|diagnoses|current diagnosis|preoperative diagnosis|postoperative diagnosis|"
            "pre-operative diagnosis|post-operative diagnosis|admitting diagnosis|discharge diagnosis|"
            "final diagnosis|history of present illness|presenting complaint|history of presenting complaint|"
            "chief complaint|past medical history|medical history|past surgical history|family history|"
            "social history|current medications|current medication|~medications|~medication|allergies|drug history|"
            "review of systems|physical examination|physical exam|on examination|vital signs|~examination|"
            "~investigations|laboratory data|~impression|assessment and plan|~assessment|~plan|~procedure|"
            "procedure performed|procedures performed|description of procedure|~indications|~indication|"
            "indications for procedure|anesthesia|anaesthesia|estimated blood loss|~complications|~findings|"
            "clinical history|~technique|~recommendations|hospital course|disposition|~subjective|~objective|"
            "~results|~treatment|changes to medication|actions for gp|operation performed|title of operation|"
            "reason for consultation|mental status examination|reason for visit|~instructions|~history|~comparison|"
            "~conclusion|~exam|heent|lungs|abdomen|extremities|neurologic|cardiovascular"
        ),
        labels=(
            "nhs no|nhs number|hospital no|hospital number|consultant|ward|date of admission|date of discharge|"
            "dose|dosage|route|frequency|allergies|known allergies|blood pressure|weight|bmi|pulse|prescriber|"
            "diagnosis|gp|gp practice|gp surgery|general practitioner|blood type|mrn|preoperative diagnosis|"
            "postoperative diagnosis|anesthesia|admitted|discharged|clinic date|date of clinic"
        ),
        phrases=(
            "the patient|this patient|patient was|patient is|patient has|he denies|she denies|denies any|"
            "patient denies|presented with|presents with|was admitted|was discharged|was diagnosed with|"
            "diagnosed with|has a history of|follow-up|followed up|i reviewed|reviewed in clinic|in my clinic|"
            "on examination|blood pressure|heart rate|his medication|her medication|their medication|his seizures|"
            "her seizures|his gp|her gp|general anesthesia|was prepped and draped|past medical history|"
            "no known drug allergies|no known allergies|within normal limits|side effects|twice daily|once daily|"
            "three times a day|tablets|prescribed|biopsy|ct scan|mri|chest pain|shortness of breath|milligrams|"
            "lungs are clear|clear to auscultation|range of motion|postoperative|preoperative|bilateral|"
            "bilaterally|incision|sutures|lesion|anterior|posterior|intravenous|saline|sterile|afebrile|tenderness|"
            "hypertension|edema|oedema|carcinoma|catheter|tumor|tumour|stenosis|fracture|anesthetic|anaesthetic|"
            "lidocaine|ventricular|pulmonary|cranial nerves|x-ray|ecg|echocardiogram|asymptomatic|nausea|vomiting|"
            "dizziness|seizure|insomnia|lisinopril|metformin|aspirin|ibuprofen|paracetamol|lamotrigine|"
            "sodium valproate|levetiracetam|carbamazepine|risperidone|sertraline|citalopram|diazepam|lorazepam|"
            "midazolam|omeprazole|amlodipine|morphine|follow up with|signs and symptoms|differential diagnosis|"
            "titrate|titrated|bd|tds|prn|nocte|mane|physical exam|year old female|year old male|i'd like to refill|"
            "let's go ahead|blood sugar|your blood|ultrasound"
        ),
        strong=(
            "thank you for referring this|thank you for seeing this|thank you for referring|year-old male|"
            "year-old female|year-old man|year-old woman|year-old white|year-old gentleman|year-old lady|"
            "year-old african|year-old boy|year-old girl|month-old|the patient tolerated the procedure|"
            "the patient was taken to the operating room|yours sincerely dictated"
        ),
    ),
    Category.PLACEMENT_AGREEMENT: Vocabulary(
        titles=(
            "shared lives placement agreement|placement agreement|individual placement agreement|"
            "shared lives agreement|arrangement agreement|shared lives arrangement agreement|placement plan|"
            "licence agreement|licence to occupy"
        ),
        headings=(
            "the placement|about the placement|parties to this agreement|~parties|payment arrangements|"
            "fees and payments|respite arrangements|short breaks|notice period|ending the placement|"
            "ending the arrangement|responsibilities of the carer|responsibilities of the shared lives carer|"
            "responsibilities of the scheme|house rules|~matching|contribution to household"
        ),
        labels=(
            "shared lives carer|carer|carer name|name of carer|name of shared lives carer|service user|"
            "name of service user|name of person|start date|placement start date|date of placement|"
            "placement address|weekly fee|weekly payment|rent|client contribution|shared lives officer|"
            "social worker|signed by carer|review date|type of placement"
        ),
        phrases=(
            "agrees to provide accommodation|provide the placement|lives with the carer|live in the home of|"
            "this placement agreement|the shared lives carer agrees|the carer agrees to|the service user agrees to|"
            "nights of respite|28 days notice"
        ),
    ),
    Category.PROFESSIONAL_REPORT: Vocabulary(
        titles=(
            "occupational therapy report|occupational therapy assessment|ot report|ot assessment|"
            "speech and language therapy report|speech and language therapy assessment|salt report|salt assessment|"
            "dysphagia assessment|psychology report|psychological report|psychology assessment|"
            "clinical psychology report|psychiatric report|psychiatric assessment|social work report|"
            "social worker's report|social circumstances report|physiotherapy report|physiotherapy assessment|"
            "community nurse report|nursing report|behavioural assessment|sensory assessment|sensory profile|"
            "advocate's report|imca report|dietitian report|dietetic report|functional assessment|"
            "professional report|communication assessment|moving and handling assessment|equipment assessment"
        ),
        headings=(
            "reason for referral|background information|~background|assessment findings|functional assessment|"
            "~observations|clinical impressions|summary of findings|clinical opinion|~recommendations|"
            "recommendation|personal care|transfers|~mobility|cognition|~communication|swallowing|formulation|"
            "sources of information|home environment|~conclusion|activities of daily living"
        ),
        labels=(
            "referred by|date of assessment|date of report|report date|assessed by|report author|author|therapist|"
            "occupational therapist|physiotherapist|psychologist|speech and language therapist|hcpc|hcpc number|"
            "date seen|client|client name|re|report by"
        ),
        phrases=(
            "i assessed|was assessed at|was referred by|was referred to|i visited|i would recommend|"
            "it is recommended that|hcpc registered|was observed to|is able to transfer|iddsi level|"
            "requires assistance with|requires support with"
        ),
        strong="highly specialist speech and language therapist|hcpc reg",
    ),
    Category.FINANCIAL: Vocabulary(
        titles=(
            "bank statement|statement of account|account statement|your account summary|your statement|"
            "financial assessment|financial assessment outcome|income and expenditure|benefit award|"
            "benefit entitlement|award notice|payslip|wage slip|personal budget|direct payment agreement|"
            "appointeeship|savings statement|money management plan|financial plan|record of spending|cash record|"
            "client contribution|credit card statement"
        ),
        headings=(
            "account summary|~transactions|your transactions|~income|expenditure|~savings|~benefits|~capital|"
            "outgoings|account activity|your entitlement|how we worked out your award"
        ),
        labels=(
            "account name|account holder|account number|account no|sort code|iban|bic|statement date|"
            "statement period|opening balance|closing balance|balance brought forward|balance carried forward|"
            "paid in|paid out|money in|money out|total paid in|total paid out|start balance|end balance|"
            "national insurance number|ni number|weekly income|weekly contribution|appointee|pip daily living|"
            "pip mobility|universal credit|overdraft"
        ),
        phrases=(
            "balance brought forward|balance carried forward|opening balance|closing balance|total balance|"
            "direct debit|standing order|your personal independence payment|dwp pip|esa support group|"
            "your universal credit|card payment|you have been awarded|your client contribution|cash withdrawal|"
            "paid out|paid in"
        ),
    ),
    Category.LEGAL: Vocabulary(
        titles=(
            "court order|order|in the court of protection|court of protection|in the family court|"
            "in the county court|in the high court of justice|lasting power of attorney|enduring power of attorney|"
            "power of attorney|deputyship order|order appointing a deputy|deprivation of liberty safeguards|"
            "deprivation of liberty|standard authorisation|urgent authorisation|tenancy agreement|"
            "assured shorthold tenancy|assured shorthold tenancy agreement|witness statement|statement of truth|"
            "last will and testament|guardianship order|community treatment order|injunction|non-molestation order|"
            "capacity assessment|mental capacity assessment|best interests decision|coroner's report"
        ),
        headings=(
            "it is ordered that|it is ordered|the donor|the attorney|the attorneys|the deputy|the tenant|"
            "the landlord|recitals|~applicant|~respondent|penal notice|preferences and instructions"
        ),
        labels=(
            "case no|case number|claim no|claim number|donor|attorney|deputy|tenant|landlord|rent|~applicant|"
            "~respondent|property|managing authority|supervisory body|relevant person|date of order|before|"
            "decision maker|term"
        ),
        phrases=(
            "it is ordered that|in the matter of the mental capacity act|in the matter of|mental capacity act 2005|"
            "is hereby appointed|is appointed as deputy|appointed as deputy|lacks capacity to|lack capacity to|"
            "the donor|hereby revoke|sealed by the court|sitting as a judge|district judge|the protected party|"
            "shall be deprived of|assured shorthold"
        ),
        strong="upon the court being satisfied|is appointed as deputy|in the matter of the mental capacity act 2005",
    ),
    Category.ASSESSMENT: Vocabulary(
        titles=(
            "assessment of needs|needs assessment|care act assessment|care and support assessment|"
            "care and support plan|support plan|care plan|my care plan|my support plan|yearly review|annual review|"
            "placement review|review of placement|care review|review of care and support|six month review|"
            "12 month review|supported assessment|carer's assessment|eligibility assessment|personal goals|"
            "my goals|goals and outcomes|referral form|shared lives referral|continuing healthcare checklist"
        ),
        headings=(
            "eligible needs|~eligibility|~outcomes|desired outcomes|personal care|nutrition|maintaining nutrition|"
            "managing and maintaining nutrition|maintaining personal hygiene|managing toilet needs|"
            "being appropriately clothed|domestic tasks|accessing the community|~relationships|"
            "what is working well|what's working well|what is working|what is not working|what's not working well|"
            "progress since last review|~goals|actions agreed|views of the person|views of the carer|wellbeing|"
            "support needed|support required|current support|changes since last review|my goals"
        ),
        labels=(
            "date of review|review date|date of assessment|next review|next review date|service user|"
            "name of person|assessor|reviewing officer|social worker|present at review|those present|attendees|"
            "primary support reason|goal|outcome|action|eligible"
        ),
        phrases=(
            "needs support with|needs prompting to|is able to wash|independent with|requires prompting|"
            "since the last review|remains settled|is settled in placement|the placement is going well|"
            "eligible needs|unmet needs|his placement|her placement|support hours|needs assistance with"
        ),
    ),
    Category.INCIDENT: Vocabulary(
        titles=(
            "incident report|incident report form|incident form|accident report|accident form|"
            "accident and incident report|safeguarding concern|safeguarding alert|safeguarding referral|"
            "safeguarding adults concern|safeguarding report|section 42 enquiry|safeguarding enquiry|"
            "cause for concern|adverse event|near miss|body map|medication error report|medication error|"
            "serious incident|notification of death|missing person report|abc chart|death notification"
        ),
        headings=(
            "details of incident|description of incident|what happened|details of the incident|details of concern|"
            "details of the concern|details of the allegation|~allegation|immediate action taken|action taken|"
            "actions taken|injuries|injury sustained|~witnesses|alleged perpetrator|"
            "person alleged to have caused harm|views of the adult at risk|lessons learned|type of abuse|"
            "outcome of enquiry"
        ),
        labels=(
            "date of incident|time of incident|location of incident|date and time of incident|place of incident|"
            "reported by|reported to|witness|witnessed by|adult at risk|alleged victim|person raising concern|"
            "injury|injuries|date of concern|riddor|police reference|crime reference|crime number|type of incident|"
            "person involved|name of injured person|antecedent|consequence"
        ),
        phrases=(
            "was found on the floor|disclosed that|made a disclosure|alleged that|allegation that|"
            "ambulance was called|police were called|sustained a|was hit by|unexplained bruising|bruise on|"
            "unwitnessed fall|had a fall|had a seizure|safeguarding concern has been|raised a safeguarding|"
            "first aid was given|paramedics"
        ),
    ),
    Category.COMPLAINT: Vocabulary(
        titles=(
            "complaint|formal complaint|complaint form|record of complaint|complaint record|complaint response|"
            "response to your complaint|your complaint|stage 1 complaint|stage 2 complaint|stage one response|"
            "complaint investigation report|concern raised"
        ),
        headings=(
            "details of complaint|details of your complaint|nature of complaint|summary of complaint|"
            "outcome of complaint|investigation findings|what would you like to happen|desired outcome|"
            "our findings|action following complaint"
        ),
        labels=(
            "complainant|name of complainant|date of complaint|date complaint received|complaint reference|"
            "complaint ref|complaint received by|investigating officer|date acknowledged|outcome|upheld"
        ),
        phrases=(
            "i wish to complain|i want to complain|i would like to complain|making a complaint about|"
            "i am writing to complain|your complaint about|we have investigated your complaint|"
            "i am unhappy with the way|your complaint was|partially upheld|not upheld|we have upheld|"
            "local government and social care ombudsman"
        ),
        strong="i wish to complain|i am writing to complain|i would like to make a formal complaint",
    ),
    Category.PERMISSION_FORM: Vocabulary(
        titles=(
            "permission to share|permission to share form|permission to share information|"
            "consent to share information|consent to share|consent form|information sharing consent|"
            "consent to information sharing|authorization for release|authorization to release|"
            "authorization for disclosure|authorization to disclose|release of information|"
            "authorization for use and disclosure|release of medical information|authorisation to disclose|"
            "disclosure of protected health information|authorization for the release|authorization for use|"
            "authorization to use|medical records release|request for release"
        ),
        headings=(
            "who can we share with|who we can share with|who may we share|information to be shared|"
            "information to be released|information to be disclosed|purpose of disclosure|purpose of release|"
            "withdrawing permission|withdrawal of consent|my decision|people i agree to|~purpose|~expiration|"
            "revocation"
        ),
        labels=(
            "patient name|name of patient|i agree|signed|signature|date signed|relationship|"
            "name of service user|permission given by|review date|share with|do not share with|ssn|social security|"
            "medical record number|release to|released to|release from|name of facility|witness"
        ),
        phrases=(
            "i give permission|i give my permission|i consent to|i agree to information|may be shared with|"
            "can be shared with|i do not want information shared|i understand that i can withdraw|"
            "i hereby authorize|i authorize|right to revoke|protected health information|"
            "information to be disclosed|this authorization"
        ),
    ),
}

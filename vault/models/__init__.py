"""The vault's tables. No words of a document, no names of people or files are in them; those are inside the seals.

People are register references (opaque). Senders' and recipients' addresses are there,
because the journal and the reviewers' list are about them.
"""

from vault.models.asked import AskedPermission
from vault.models.audit import AppendOnlyError, AuditEvent, AuditQuerySet
from vault.models.correspondence import AddressWarning, Correspondence
from vault.models.disposal import DisposalApproval, DisposalBatch, DisposalCertificate, DisposalLine
from vault.models.errands import FOR_ONE_BROWSER, Errand, ErrandKind, ErrandPiece, ErrandState
from vault.models.export import (
    AccessDecision,
    AccessQuestion,
    AccessRequest,
    Asker,
    BundleKind,
    Choice,
    HandedOver,
)
from vault.models.guesses import LoginFailure
from vault.models.held import HeldCopy, HeldMail, HeldState, ReleaseRequest, Settlement, SettlementKind, SettlementState
from vault.models.holds import HoldMatch, HoldTarget, IncidentRecord, LegalHold, MirroredHold, TargetKind
from vault.models.incidents import Incident
from vault.models.inspection import InspectedPerson, InspectorAccess
from vault.models.journal import DecidedFacts, JournalEntry, JournalState
from vault.models.keys import SealingKey
from vault.models.leaving import LeavingCase
from vault.models.lengths import ID_LENGTH
from vault.models.merkle import AuditCheckpoint, AuditLeaf, AuditTile, AuditTree
from vault.models.operations import SeenPart, WorkerJob
from vault.models.partners import TlsAlarm, TlsCount, TlsReport
from vault.models.pickup import (
    PickupAttempt,
    PickupChallenge,
    PickupCode,
    PickupContact,
    PickupDevice,
    PickupGrant,
    PickupTaken,
    PickupVisit,
)
from vault.models.reconcile import ReconcilePhase, ReconcileRun
from vault.models.records import ObjectKind, RecordState, VaultObject, VaultRecord, VaultSubject
from vault.models.retention import RetentionMark, RetentionPass, RetentionState
from vault.models.search import SavedSearch, SearchBlock, SearchEntry, SearchWaiting
from vault.models.telling import SenderNotice
from vault.models.texts import TextMessage
from vault.models.untaken import UntakenText

__all__ = [
    "FOR_ONE_BROWSER",
    "ID_LENGTH",
    "AccessDecision",
    "AccessQuestion",
    "AccessRequest",
    "AddressWarning",
    "AppendOnlyError",
    "AskedPermission",
    "Asker",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditLeaf",
    "AuditQuerySet",
    "AuditTile",
    "AuditTree",
    "BundleKind",
    "Choice",
    "Correspondence",
    "DecidedFacts",
    "DisposalApproval",
    "DisposalBatch",
    "DisposalCertificate",
    "DisposalLine",
    "Errand",
    "ErrandKind",
    "ErrandPiece",
    "ErrandState",
    "HandedOver",
    "HeldCopy",
    "HeldMail",
    "HeldState",
    "HoldMatch",
    "HoldTarget",
    "Incident",
    "IncidentRecord",
    "InspectedPerson",
    "InspectorAccess",
    "JournalEntry",
    "JournalState",
    "LeavingCase",
    "LegalHold",
    "LoginFailure",
    "MirroredHold",
    "ObjectKind",
    "PickupAttempt",
    "PickupChallenge",
    "PickupCode",
    "PickupContact",
    "PickupDevice",
    "PickupGrant",
    "PickupTaken",
    "PickupVisit",
    "ReconcilePhase",
    "ReconcileRun",
    "RecordState",
    "ReleaseRequest",
    "RetentionMark",
    "RetentionPass",
    "RetentionState",
    "SavedSearch",
    "SealingKey",
    "SearchBlock",
    "SearchEntry",
    "SearchWaiting",
    "SeenPart",
    "SenderNotice",
    "Settlement",
    "SettlementKind",
    "SettlementState",
    "TargetKind",
    "TextMessage",
    "TlsAlarm",
    "TlsCount",
    "TlsReport",
    "UntakenText",
    "VaultObject",
    "VaultRecord",
    "VaultSubject",
    "WorkerJob",
]

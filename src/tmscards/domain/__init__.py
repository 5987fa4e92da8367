"""The frozen types that pass between the stages; they import nothing else from tmscards."""

from __future__ import annotations

from tmscards.domain.package import Media, Note, NoteType, Part
from tmscards.domain.places import CharSpan, Diagnostic, Digest, Guid, Location, Severity, SourcePath, TokenSpan
from tmscards.domain.records import DeckRecord, OrphanCause, Record, SourceRecords, Status
from tmscards.domain.results import Abbreviation, Candidate, Edit, Extract, Finding, Gap, SentenceResult, StatementKind
from tmscards.domain.sources import (
    LAST_CLOZE_NUMBER,
    Form,
    HandCloze,
    LeftOut,
    LeftOutKind,
    Link,
    Passage,
    PassageKind,
    Recording,
    SeeAlso,
    Source,
    Timestamp,
    Waived,
    Waiver,
)

__all__ = [
    "LAST_CLOZE_NUMBER",
    "Abbreviation",
    "Candidate",
    "CharSpan",
    "DeckRecord",
    "Diagnostic",
    "Digest",
    "Edit",
    "Extract",
    "Finding",
    "Form",
    "Gap",
    "Guid",
    "HandCloze",
    "LeftOut",
    "LeftOutKind",
    "Link",
    "Location",
    "Media",
    "Note",
    "NoteType",
    "OrphanCause",
    "Part",
    "Passage",
    "PassageKind",
    "Record",
    "Recording",
    "SeeAlso",
    "SentenceResult",
    "Severity",
    "Source",
    "SourcePath",
    "SourceRecords",
    "StatementKind",
    "Status",
    "Timestamp",
    "TokenSpan",
    "Waived",
    "Waiver",
]

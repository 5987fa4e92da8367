"""What a learner does in one collection of whichever Anki runs this script: `learner.py COLLECTION < steps.json`.

It reads a JSON list of steps, `{"do": NAME, ...}` with the parameters of the function of that step, and prints a JSON
list with the result of each. It imports the standard library and `anki` alone, and calls only what 2.1.55 and every
later version have.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from anki import import_export_pb2
from anki.collection import Collection
from anki.stdmodels import get_stock_notetypes

Result = dict[str, Any]


def note_id(collection: Collection, guid: str) -> Any:
    found = collection.db.scalar("select id from notes where guid = ?", guid)
    if found is None:
        raise LookupError(f"no note {guid}")
    return found


def card_id(collection: Collection, guid: str, ordinal: int) -> Any:
    found = collection.db.scalar("select id from cards where nid = ? and ord = ?", note_id(collection, guid), ordinal)
    if found is None:
        raise LookupError(f"no card {ordinal} of note {guid}")
    return found


def import_package(collection: Collection, package: str) -> Result:
    """Import as File > Import does when nothing in its dialogue is changed; says how many notes met which fate.

    All of these versions do it with the backend's importer; in 2.1.55 to 23.12.1 the older one in Python can be chosen in
    the preferences. In 2.1.55 and 2.1.66 there are no options: scheduling comes along, notes and note types are updated
    if newer. From 23.12.1 on there is a dialogue, and what it begins with is asked for here: the same, no scheduling.
    """
    if hasattr(import_export_pb2, "ImportAnkiPackageOptions"):
        options = collection._backend.get_import_anki_package_presets()
        request = import_export_pb2.ImportAnkiPackageRequest(package_path=package, options=options)
        log = collection.import_anki_package(request).log
    else:
        log = collection.import_anki_package(package).log
    # The collection keeps note types in memory; an import changes them behind its back.
    collection.models._clear_cache()
    fates = ("new", "updated", "duplicate", "conflicting", "first_field_match", "missing_notetype", "missing_deck")
    return {fate: len(getattr(log, fate)) for fate in (*fates, "empty_first_field")}


def review(collection: Collection, guid: str, ord: int, ease: int) -> Result:
    """Answer one card, whichever it is: the scheduler of the backend minds only if it has been asked for its queue.

    A new collection of 2.1.55 has the scheduler before that, which takes any card but has to have built its queues.
    """
    if not collection.v3_scheduler():
        collection.sched.reset()
    card = collection.get_card(card_id(collection, guid, ord))
    card.start_timer()
    collection.sched.answerCard(card, ease)
    return {}


def edit(collection: Collection, guid: str, field: str, text: str) -> Result:
    note = collection.get_note(note_id(collection, guid))
    note[field] = text
    collection.update_note(note)
    return {}


def tag(collection: Collection, guid: str, tag: str) -> Result:
    collection.tags.bulk_add([note_id(collection, guid)], tag)
    return {}


def suspend(collection: Collection, guid: str, ord: int) -> Result:
    collection.sched.suspend_cards([card_id(collection, guid, ord)])
    return {}


def flag(collection: Collection, guid: str, ord: int, flag: int) -> Result:
    collection.set_user_flag_for_cards(flag, [card_id(collection, guid, ord)])
    return {}


def move(collection: Collection, guid: str, ord: int, deck: str) -> Result:
    """Move a card to a deck, which is made if there is none of that name."""
    collection.set_deck([card_id(collection, guid, ord)], collection.decks.id(deck))
    return {}


def find(collection: Collection, query: str) -> Result:
    return {"guids": sorted(collection.get_note(found).guid for found in collection.find_notes(query))}


def wait(collection: Collection, seconds: float) -> Result:
    time.sleep(seconds)
    return {}


def card_state(collection: Collection, card: Any) -> Result:
    return {
        "deck": collection.decks.name(card.current_deck_id()),
        "queue": card.queue,
        "type": card.type,
        "reps": card.reps,
        "due": card.due,
        "interval": card.ivl,
        "flag": card.user_flag(),
        "reviews": collection.db.scalar("select count() from revlog where cid = ?", card.id),
    }


def note_state(collection: Collection, note: Any) -> Result:
    return {
        "fields": dict(note.items()),
        "tags": sorted(note.tags),
        "modified": note.mod,
        "note_type": str(note.mid),
        "cards": {str(card.ord): card_state(collection, card) for card in note.cards()},
    }


def note_type_state(note_type: Any) -> Result:
    return {
        "name": note_type["name"],
        "css": note_type["css"],
        "front": note_type["tmpls"][0]["qfmt"],
        "back": note_type["tmpls"][0]["afmt"],
        "fields": [field["name"] for field in note_type["flds"]],
    }


def state(collection: Collection) -> Result:
    """Everything a test may ask about, keyed by text as JSON wants it: guids, ordinals of cards, ids of note types.

    Of note types, those that have notes, or a name that a new collection's note types do not have.
    """
    stock = {name for name, _ in get_stock_notetypes(collection)}
    notes = [collection.get_note(found) for found in collection.find_notes("")]
    used = {note.mid for note in notes}
    return {
        "notes": {note.guid: note_state(collection, note) for note in notes},
        "note_types": {
            str(note_type["id"]): note_type_state(note_type)
            for note_type in collection.models.all()
            if note_type["id"] in used or note_type["name"] not in stock
        },
        "decks": sorted(deck.name for deck in collection.decks.all_names_and_ids()),
        "empty_cards": sum(len(note.card_ids) for note in collection.get_empty_cards().notes),
    }


STEPS: dict[str, Callable[..., Result]] = {
    "import": import_package,
    "review": review,
    "edit": edit,
    "tag": tag,
    "suspend": suspend,
    "flag": flag,
    "move": move,
    "find": find,
    "wait": wait,
    "state": state,
}


def main() -> None:
    steps = json.load(sys.stdin)
    # Some versions print a stack when a call takes long; that must not end up among the results.
    with contextlib.redirect_stdout(sys.stderr):
        collection = Collection(sys.argv[1])
        results = [STEPS[step.pop("do")](collection, **step) for step in steps]
        collection.close()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()

"""A stand-in for the add-on AnkiConnect: `ankiconnect.py COLLECTION [KEY]` answers for whichever Anki runs this script.

It does what AnkiConnect's page says of the actions that tmscards asks for (version 6 of its API), on a real collection.
It prints the port that it listens at, and imports the standard library and `anki` alone.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from anki.collection import Collection

import learner

COLLECTION = Collection(sys.argv[1])
KEY = sys.argv[2] if len(sys.argv) > 2 else None


def notes_info(notes: list[Any]) -> list[dict[str, Any]]:
    infos = []
    for id in notes:
        note = COLLECTION.get_note(id)
        fields = {name: {"value": value, "order": i} for i, (name, value) in enumerate(note.items())}
        note_type: Any = COLLECTION.models.get(note.mid)
        infos.append(
            {
                "noteId": id,
                "tags": note.tags,
                "fields": fields,
                "modelName": note_type["name"],
                "mod": note.mod,
                "cards": note.card_ids(),
            }
        )
    return infos


def cards_info(cards: list[Any]) -> list[dict[str, Any]]:
    found = [COLLECTION.get_card(id) for id in cards]
    return [{"cardId": card.id, "note": card.nid, "queue": card.queue, "lapses": card.lapses} for card in found]


def forget(guid: str, ord: int, times: int) -> None:
    """What happens to a card that its learner forgets again and again."""
    card = COLLECTION.get_card(learner.card_id(COLLECTION, guid, ord))
    card.lapses = times
    COLLECTION.update_card(card)


ACTIONS: dict[str, Any] = {
    "version": lambda: 6,
    "getActiveProfile": lambda: "User 1",
    "importPackage": lambda path: bool(learner.import_package(COLLECTION, path)),
    "findNotes": lambda query: list(COLLECTION.find_notes(query)),
    "notesInfo": notes_info,
    "cardsInfo": cards_info,
    "deleteNotes": lambda notes: COLLECTION.remove_notes(notes) and None,
    # What a learner does by hand, for tests.
    "test:edit": lambda **how: learner.edit(COLLECTION, **how),
    "test:forget": forget,
    "test:suspend": lambda **how: learner.suspend(COLLECTION, **how),
    "test:tag": lambda **how: learner.tag(COLLECTION, **how),
    "test:review": lambda **how: learner.review(COLLECTION, **how),
    "test:state": lambda: learner.state(COLLECTION),
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result, error = None, None
        if KEY and asked.get("key") != KEY:
            error = "valid api key must be provided"
        elif asked["action"] not in ACTIONS:
            error = "unsupported action"
        else:
            try:
                result = ACTIONS[asked["action"]](**asked.get("params", {}))
            except Exception as problem:
                error = str(problem)
        said = json.dumps({"result": result, "error": error}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()

"""Reads every vector of tests/vectors with this second implementation, written from PROFILE.md alone.

    python3 vectors.py FOLDER       prints what differs; exit 0 when nothing does
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from bundle import Bundle, State, inflate, status_at
from encoding import Malformed, Refused, loads, read_text
from verdict import verify


def main(folder):
    checked, differing = 0, []
    for path in sorted(Path(folder).glob("credential/*/*.txt")):
        story = Story(path)
        checked += 1
        for difference in story.differences():
            differing.append(f"{path.parent.name}/{path.name}: {difference}")
    for path in sorted(Path(folder).glob("status_list/*/*.txt")):
        checked += 1
        if not status_list_agrees(Story(path)):
            differing.append(f"status_list/{path.name}")
    print("\n".join(differing))
    print(f"{checked} vectors, {len(differing)} differ")
    return 1 if differing or not checked else 0


class Story:
    def __init__(self, path):
        self.folder = path.parent.parent
        lines = path.read_text(encoding="utf-8").splitlines()
        self.expected = lines[0]
        pairs = [line.split(": ", 1) for line in lines[1:] if not line.startswith("#")]
        self.before = [value for name, value in pairs if name == "before"]
        self.field = dict(pairs)

    def differences(self):
        try:
            answer = self.answer()
        except Refused as refused:
            expected = self.expected.split()
            if expected[0] != "refuse" or int(expected[1]) != refused.number:
                yield f"{self.expected}, here {refused.number}"
            return
        if self.expected != "accept " + answer.pop("kind"):
            yield f"{self.expected}, here accepted"
            return
        for name, value in answer.items():
            if self.field.get(name) != value:
                yield f"{name} is {self.field.get(name)}, here {value}"

    def answer(self):
        state = State(bytes.fromhex(self.field["root"]))
        for earlier in self.before:
            Bundle(self.bundle(earlier), state)
        bundle = Bundle(self.bundle(self.field["bundle"]), state)
        if "now" not in self.field:
            return {"kind": "bundle"}
        if "text" in self.field:
            data = read_text(json.loads(self.field["text"]))
        else:
            data = bytes.fromhex(self.field["hex"])
        answer = verify(data, bundle, **self.question())
        return self.as_written(answer)

    def question(self):
        field = self.field
        proof = None
        if "proof_message" in field:
            proof = bytes.fromhex(field["proof_message"]), bytes.fromhex(field["proof_signature"])
        return {
            "now": int(datetime.strptime(field["now"], "%Y-%m-%dT%H:%M:%S%z").timestamp()),
            "purpose": None if field["purpose"] == "none" else field["purpose"],
            "place": None if field["place"] == "none" else int(field["place"]),
            "at_most": int(field["stale"].split()[1]) if field["stale"] != "refuse" else None,
            "proof": proof,
        }

    @staticmethod
    def as_written(answer):
        expires = datetime.fromtimestamp(answer["expires"], timezone.utc)
        answer["expires"] = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
        if "number_on_face" in answer:
            answer["number"] = answer.pop("number_on_face")
        joined = lambda value: " ".join(map(str, value)) if type(value) is list else value
        return {name: joined(value) for name, value in answer.items()}

    def bundle(self, path):
        return bytes.fromhex((self.folder / path).read_text().strip())


def status_list_agrees(story):
    length = int(story.field["length"])
    try:
        bits, packed = inflate(loads(bytes.fromhex(story.field["hex"])), length)
    except Malformed:
        return story.expected == "refuse status-list"
    if story.expected != "accept status-list" or bits != int(story.field["bits"]) or len(packed) != length:
        return False
    named = dict(map(int, entry.split("=")) for entry in story.field["entries"].split())
    entries = len(packed) * 8 // bits
    return all(status_at(packed, bits, index) == named.get(index, 0) for index in range(entries))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""What an exchange shows when harm is over and all has settled, read as clients read it."""

from checker import Afterwards
from clients import number_of
from harness.wait import wait_for

LISTS = 4  # vacancies whose lists are read
WORKERS_MET = 6  # connections on which one is read: they do not all meet the same worker


class Look:
    def __init__(self, town, history):
        self.daemon, self.history = town.daemon, history
        self.after = Afterwards()

    def get(self, path, key="auditor"):
        """What stands there, {} for nothing.  A daemon that has just become ready may be late once."""
        def answered():
            answer = self.daemon.request("GET", path, self.daemon.keys[key])
            assert answer.status in (200, 404, 503, 504), (path, answer)
            return answer if answer.status in (200, 404) else None
        answer = wait_for(answered, 20, path)
        return answer.json if answer.status == 200 else {}

    def settle(self):
        """Until the board has all of it; how many records differ then."""
        def verified():
            answer = self.daemon.admin("POST", "/board/verify", timeout=60)
            assert answer.status in (200, 503), answer
            return answer.json if answer.status == 200 else None
        self.after.differences = wait_for(verified, 60, "a board to verify")["differences"]

    def actions(self):
        """Newest first, to a page beyond the first thing that was done: some were done at the same time."""
        path, first = "/v1/actions?limit=100", f"{self.history.name}.1"
        page, is_last = {"next": ""}, False
        while page["next"] is not None and not is_last:
            is_last = any(name == first for name, _, _ in self.after.actions)
            page = self.get(path + (f"&cursor={page['next']}" if page["next"] else ""))
            self.after.actions += [(i["client_request"], i["op"], i["object"]) for i in page["items"]]

    def ids(self, kind):
        """Of what was made in this round, answered or not."""
        ours = {w.name for w in self.history.wishes}
        return {said.split("/")[1] for name, _, said in self.after.actions
                if name in ours and said.startswith(kind + "/")}

    def read(self):
        after, of = self.after, self.history.of
        self.settle()
        self.actions()
        for path in {w.about["of"] for w in of("return", "line", "import")}:
            said = self.get(path)
            after.returns[path] = {"version": said.get("version", 0),
                                   "lines": {one["ref"]: one["title"] for one in said.get("lines", ())}}
        vacancies = set()
        for w in of("return", "line"):
            vacancies |= set(w.final.body.get("vacancies", {}).values()) if w.was_done else set()
        for v in vacancies:
            said = self.get(f"/v1/vacancies/{v}")
            after.vacancies[v] = {k: said.get(k) for k in ("posts", "filled", "open_posts", "state")}
        for p in self.ids("placement") | {w.final.body["placement"] for w in of("placement") if w.was_done}:
            said = self.get(f"/v1/placements/{p}")
            after.placements[p] = {k: said.get(k) for k in ("seeker", "vacancy", "state")}
        for r in self.ids("referral"):
            said = self.get(f"/v1/referrals/{r}")
            after.referrals[r] = {"state": said.get("state"), "seeker": said.get("seeker"),
                                  "steps": [s["state"] for s in said.get("steps", ())]}
        for number in {w.about["number"] for w in of("seeker")}:
            answer = self.daemon.request("POST", "/v1/seekers/find", self.daemon.keys["bureau"], {
                "citizen_number": number_of(number)})
            assert answer.status in (200, 404), answer
            after.found[number] = answer.json["seeker"] if answer.status == 200 else None
        for who in {w.about["seeker"] for w in of("file")}:
            after.files[who] = {"pay_wish_fen": self.get(f"/v1/seekers/{who}", "bureau").get("pay_wish_fen")}
        ours = set(after.found.values())
        opened = sorted(v for v, said in after.vacancies.items() if said["state"] == "open")
        for v in opened[:LISTS]:
            for _ in range(WORKERS_MET):
                items = self.get(f"/v1/vacancies/{v}/matches?k=100", "bureau").get("items", ())
                after.lists.append((v, {i["seeker"] for i in items} & ours))
        return after

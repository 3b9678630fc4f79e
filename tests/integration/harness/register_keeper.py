"""A bureau that keeps registers: courses, who is enrolled in them, figures from outside."""

from .people import People
from .trade import COMMUNITY


class Registers(People):
    """A bureau that keeps them, in one line each."""

    def course(self, **changed):
        return self.post(201, "/v1/courses", course(**changed))["course"]

    def enrol(self, course_id, seeker, **changed):
        return self.call("POST", "/v1/enrolments", {
            "course": course_id, "seeker": seeker, "from": "2007-07-02", **changed})

    def enrolled(self, course_id, seeker, **changed):
        answer = self.enrol(course_id, seeker, **changed)
        assert answer.status == 201, answer
        return answer.json

    def figure(self, **changed):
        return self.call("POST", "/v1/outside-figures", figure(**changed))


def course(**changed):
    return {"title": "电工初级", "provider": "郑州市第一技工学校", "kind": "skills", "from": "2007-07-01",
            "until": "2007-07-31", "place": COMMUNITY, "seats": 2, "attendance_min": 80,
            "subsidised": False, **changed}


def figure(**changed):
    return {"subject": "410105", "indicator": "urban_employed", "period": "2007Q2", "value": 512345,
            "source": "郑州市统计局劳动工资科", "day": "2007-07-05", **changed}


def day_of(answer):
    return {k: v for k, v in answer.json.items() if k not in ("as_of", "recorded", "history", "evidence")}

"""Days as the rules count them: birthdays (rules/age), months (rules/household-state), lists of days.

It knows no register.
"""

from datetime import date, timedelta

DAY = timedelta(days=1)


def later(day, years):
    """The birthday; of 29 February in a common year, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months(day, n):
    """The same day of the month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    for d in range(day.day, 27, -1):
        try:
            return date(year, month + 1, d)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def age(birth, day):
    n = day.year - birth.year
    return n if later(birth, n) <= day else n - 1


def over(start, ended):
    """Whether a span from start until the first day without it holds on a day."""
    return lambda day: start <= day and (ended is None or day < ended)

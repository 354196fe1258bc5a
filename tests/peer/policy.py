"""Policy packs: PROFILE.md, section 7."""

from datetime import date, datetime, timedelta, timezone

from encoding import array, contains, fields, is_uint, loads, name, need, region, rising

CHINA = timezone(timedelta(hours=8))
PURPOSES = {
    "office": [], "transit": [1, 2], "park": [4], "parking": [5], "priority": [6], "pharmacy": [7],
    "telecom": [8], "medical": [9], "rehabilitation": [10], "education": [11], "employment": [12, 13],
    "subsidy.living": [14], "subsidy.care": [15], "rail": [16],
}
COMPONENTS = [category * 10 + level for category in range(1, 7) for level in range(1, 5)]
UNCONFIRMED, SILENT = "unconfirmed", "silent"


class Pack:
    def __init__(self, payload):
        need(len(payload) <= 65536)
        pack = fields(loads(payload), range(1, 11))
        need(is_uint(pack[1]) and pack[1] == 1)
        self.name, self.version, self.issued = pack[2], pack[3], pack[4]
        need(type(self.name) is str and 1 <= len(self.name) <= 40)
        need(all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in self.name))
        need(is_uint(self.version, 2**32 - 1) and is_uint(self.issued))
        self.jurisdiction, self.confirmed = region(pack[5]), pack[6]
        need(type(self.confirmed) is bool)
        for title in array(pack[7], 2):
            name(title)
        self.effective = effective(pack[8])
        need(type(pack[9]) is list and 1 <= len(pack[9]) <= len(PURPOSES))
        sections = [array(section, 2) for section in pack[9]]
        purposes = [section[0] for section in sections]
        need(all(type(p) is str and p in PURPOSES for p in purposes))
        need([p.encode() for p in purposes] == sorted({p.encode() for p in purposes}))
        self.rules = {}
        for purpose, rules in sections:
            need(type(rules) is list and 1 <= len(rules) <= 64)
            self.rules[purpose] = [Rule(rule) for rule in rules]
        need(type(pack[10]) is list and len(pack[10]) <= 256)
        for case in pack[10]:
            purpose, on, subject, expected = array(case, 4)
            need(type(purpose) is str and purpose in PURPOSES)
            day(on)
            check_subject(subject)
            decision(expected)


class Rule:
    def __init__(self, rule):
        fields(rule, [1, 2], [3, 4, 5, 6, 7, 8])
        for part in array(rule[1], 2):
            name(part)
        self.number, self.grants = decision(rule[2])
        self.levels = levels(rule[3]) if 3 in rule else []
        self.asked = rising(rule[4], 1, 16, range(1, 17)) if 4 in rule else []
        self.ages = ages(rule[5]) if 5 in rule else None
        self.residence = rule.get(6, [])
        if 6 in rule:
            need(type(rule[6]) is list and 1 <= len(rule[6]) <= 32)
            need([region(code) for code in rule[6]] == sorted(set(rule[6])))
        self.grace = rule.get(7, 0)
        need(7 not in rule or (is_uint(self.grace, 366) and self.grace >= 1))
        self.effective = effective(rule[8]) if 8 in rule else None


def decide(packs, claims, purpose, place, now):
    """(0, pack, grants), or (50 / 51 / 52, None or SILENT or UNCONFIRMED, [])."""
    today = datetime.fromtimestamp(now, CHINA).date()
    expired = (now - claims.expires) // 86400 + 1 if now >= claims.expires else 0
    age = full_years(claims.born, today) if claims.born else None
    home = claims.region if claims.components else None
    silent, unconfirmed, elsewhere = True, False, False
    for pack in sorted(packs, key=lambda pack: (-pack.jurisdiction, pack.name)):
        if not contains(pack.jurisdiction, place) or purpose not in pack.rules or not covers(pack.effective, today):
            continue
        if not pack.confirmed:
            unconfirmed = True
            continue
        silent = False
        for rule in pack.rules[purpose]:
            if rule.effective and not covers(rule.effective, today):
                continue
            everybody = not rule.levels and not rule.asked
            held = any(a // 10 == c // 10 and c % 10 <= a % 10 for a in rule.levels for c in claims.components)
            if not (everybody or held or set(rule.asked) & set(claims.grants)) or expired > rule.grace:
                continue
            if rule.ages and age is not None and not rule.ages[0] <= age <= rule.ages[1]:
                continue
            if rule.residence and home is not None and not any(contains(r, home) for r in rule.residence):
                elsewhere = True
                continue
            if (rule.ages and age is None) or (rule.residence and home is None):
                return 52, None, []
            return rule.number, pack, rule.grants
    if unconfirmed:
        return 52, UNCONFIRMED, []
    if silent:
        return 52, SILENT, []
    return (51 if elsewhere else 50), None, []


def decision(value):
    need(type(value) is list and value and is_uint(value[0]) and value[0] in (0, 50, 51, 52))
    array(value, 2 if value[0] == 0 else 1)
    if value[0] != 0:
        return value[0], []
    benefit = fields(value[1], [], [1, 2, 3, 4])
    grants = rising(benefit[1], 1, 16, range(1, 17)) if 1 in benefit else []
    if 2 in benefit:
        need(type(benefit[2]) is list and 1 <= len(benefit[2]) <= 4)
        for term in benefit[2]:
            price(array(term, 2, 4))
            need(len(term) == 2 or (is_uint(term[2], 2**32 - 1) and term[2] and is_uint(term[3]) and term[3] in (1, 2, 3)))
    if 3 in benefit:
        companions = array(benefit[3], 3)
        need(is_uint(companions[0], 4) and companions[0] >= 1)
        price(companions[1:])
    if 4 in benefit:
        rising(benefit[4], 1, 5, range(1, 6))
    return 0, grants


def price(value):
    kind, amount = value[0], value[1]
    need(is_uint(kind, 2) and is_uint(amount, 2**32 - 1))
    need((amount == 0, amount >= 1, 1 <= amount <= 100)[kind])


def check_subject(value):
    fields(value, [], [1, 2, 3, 4, 5])
    if 1 in value:
        levels(value[1])
    if 2 in value:
        rising(value[2], 1, 16, range(1, 17))
    need(is_uint(value.get(3, 0), 150))
    region(value.get(4, 0))
    need(5 not in value or (is_uint(value[5], 65535) and value[5] >= 1))


def levels(value):
    rising(value, 1, 6, COMPONENTS)
    need(len({code // 10 for code in value}) == len(value))
    return value


def ages(value):
    low, high = array(value, 2)
    need(is_uint(low, 150) and is_uint(high, 150) and low <= high)
    return low, high


def effective(value):
    days = [day(number) for number in array(value, 1, 2)]
    need(days == sorted(days))
    return days


def covers(days, today):
    return days[0] <= today and (len(days) == 1 or today <= days[1])


def day(number):
    need(is_uint(number, 2932896))
    return date(1970, 1, 1) + timedelta(days=number)


def full_years(born, today):
    return max(0, today.year - born.year - ((today.month, today.day) < (born.month, born.day)))

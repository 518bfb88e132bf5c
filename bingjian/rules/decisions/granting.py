"""What a request is granted as (art. 22): the custodian may narrow what was asked for, never widen it."""

from datetime import datetime

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import Case, Grant, Refusal, absent, aware, decides
from bingjian.rules.decisions.access import Application
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@decides("R22.8")
def may_grant_as(law: Law, asked: Application, given: AccessGrant, now: datetime) -> Grant | Refusal:
    """Art. 22: of what was asked for and nothing else, for persons who came, with an end still to come."""
    aware(now=now)
    case = Case(law)
    persons = frozenset(officer.person for officer in asked.officers)
    wider = absent(
        ("摄像机", "cameras", bool(given.cameras) and given.cameras <= frozenset(asked.cameras)),
        ("时段", "interval", asked.begin <= given.begin and given.end <= asked.end),
        ("权利", "rights", bool(given.verbs) and given.verbs <= asked.verbs),
        ("人员", "persons", bool(given.officers) and given.officers <= persons),
        ("用途", "purpose", given.purpose == asked.purpose),
        ("转发", "forwarding", asked.wants_forward or not given.may_forward),
        ("接收方", "recipients", given.recipients <= asked.recipients),
    )
    case.require(
        not wider.zh,
        "R22.8",
        Words(f"超出申请：{wider.zh}", f"more than was asked for: {wider.en}"),
        Words("只能在申请的范围内授权", "grant what was asked for, or less"),
    )
    until = f"{given.expires.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case.require(
        now < given.expires,
        "R22.8",
        Words(f"授权的截止时间（北京时间 {until}）已过", f"it would have ended at {until} (+08:00)"),
        Words("请填写今后的截止时间", "give an instant to come"),
    )
    return case.answer()

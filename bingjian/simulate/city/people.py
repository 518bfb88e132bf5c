"""Who works in the city: the accounts that the demo prints, and the clerks of its districts and firms."""

from dataclasses import dataclass
from uuid import UUID

from bingjian.access.decisions import WHOLE_CITY, Role

DAOLI, NANGANG, DAOWAI = "230102", "230103", "230104"
DISTRICTS = {DAOLI: "道里", NANGANG: "南岗", DAOWAI: "道外"}


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in. ``body``: whom they act for, with its division; empty: nobody."""

    name: str
    roles: tuple[Role, ...]
    purpose: tuple[str, str]  # English, Chinese
    body: str = ""
    division: str = ""
    areas: tuple[str, ...] = WHOLE_CITY

    @property
    def organisation(self) -> UUID | None:
        from bingjian.inventory.organisations import body_id  # heavy: after the platform's start has begun

        return body_id(self.body, self.division) if self.body else None


ACCOUNTS = (
    Account(
        "operator",
        (Role.WATCHER, Role.REGISTRAR),
        ("watches, keeps cameras", "观看，管理摄像机"),
        "public_security",
    ),
    Account(
        "custodian",
        (Role.WATCHER, Role.CUSTODIAN),
        ("marks, holds, copies", "标记、证据保全、复制"),
        "public_security",
    ),
    Account(
        "witness",
        (Role.CUSTODIAN,),
        ("second person for releases", "解除时的第二人"),
        "city_data_authority",
    ),
    Account(
        "officer",
        (Role.OFFICER,),
        ("asks to look", "调查取证人员"),
        "public_security",
        DAOLI,
    ),
    Account(
        "officer2",
        (Role.OFFICER,),
        ("comes along", "同行调查取证人员"),
        "public_security",
        DAOLI,
    ),
    Account("registrar", (Role.REGISTRAR,), ("keeps the inventory", "登记台账"), "city_data_authority"),
    Account(
        "authority",
        (Role.CITY_DATA_AUTHORITY,),
        ("city data authority", "市数据主管部门"),
        "city_data_authority",
    ),
    Account(
        "builder",
        (Role.BUILDER,),
        ("builds for Daoli district", "道里区建设单位"),
        "district_government",
        DAOLI,
        (DAOLI,),
    ),
    Account("archivist", (Role.ARCHIVIST,), ("keeps the papers", "档案管理"), "city_data_authority"),
    Account(
        "police",
        (Role.PUBLIC_SECURITY,),
        ("Daoli police: filings", "道里公安：备案"),
        "public_security",
        DAOLI,
        (DAOLI,),
    ),
    Account("inspector", (Role.INSPECTOR,), ("reads and asks", "检查人员"), "workgroup_office"),
    Account("office", (Role.WORKGROUP_OFFICE,), ("work group's office", "专班办公室"), "workgroup_office"),
    Account("government", (Role.GOVERNMENT,), ("city government", "市人民政府"), "city_government"),
    Account("department", (Role.DEPARTMENT_USER,), ("transport department", "交通运输部门"), "transport"),
    Account("planner", (Role.PLANNER,), ("proposes plans", "规划人员"), "natural_resources"),
    Account("auditor", (Role.AUDITOR,), ("reads the journal", "查看日志簿")),
    Account("admin", (Role.SYSADMIN,), ("keeps accounts", "管理账号")),
)
# Clerks of each district whom nobody signs in as: their passwords are made up and forgotten.
CLERK = (Role.BUILDER, Role.REGISTRAR)
STAFF = (
    Account("张凤山", (Role.SHIFT_LEAD, Role.PUBLIC_SECURITY), ("shift lead", "带班"), "public_security"),
    Account("何立春", (Role.WATCHER,), ("on watch", "值班"), "public_security"),
    *(
        Account(f"{name}建设经办人", CLERK, ("clerk", "经办人"), "district_government", code, (code,))
        for code, name in DISTRICTS.items()
    ),
    *(
        Account(
            f"{name}公安经办人", (Role.PUBLIC_SECURITY,), ("police", "公安"), "public_security", code, (code,)
        )
        for code, name in DISTRICTS.items()
        if code != DAOLI
    ),
)

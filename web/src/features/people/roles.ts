/** The roles that can be given, as access/decisions.py has them. */

import type { Role } from "../../api/client";

export const roleNames: readonly Role[] = [
  "watcher", "shift_lead", "custodian", "maintainer", "builder", "construction_unit", "registrar", "archivist", "planner", "department_user",
  "city_data_authority", "workgroup_office", "public_security", "inspector", "discipline_body", "government", "telecom", "auditor", "sysadmin",
];

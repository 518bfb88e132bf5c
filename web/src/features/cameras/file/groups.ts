/** The fields of a file in the groups in which people look for them; what is in none stands in the last. */

import type { FileField } from "../../../api/camera-files";

export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  identity: ["device_id", "name", "point_common_name", "division", "point_type", "capture_position_type", "status", "industry", "police_org", "grassroots_code"],
  place: ["address", "longitude", "latitude", "crs", "height_m", "room_type", "place", "part", "pole_no", "power_source"],
  view: ["direction", "azimuth", "pitch", "h_fov", "v_fov", "max_view_distance", "scene_photo", "baseline_version"],
  device: [
    "manufacturer", "model", "structure_type", "function_type", "supply_light", "encode_type", "resolution", "frame_rate", "bit_rate", "security_level", "mobile_type", "vehicle_id",
  ],
  network: ["ip", "mac", "network_status", "share_status", "reserved_interface_id"],
  duty: [
    "system", "purpose", "necessity_note", "art8_category", "is_article8", "is_government_built", "counter_terror", "decree_class", "secrecy", "record_save_days", "retention_class",
    "sign_id",
  ],
  people: ["management_unit", "contact", "responsible_body", "project_no", "build_unit", "construction_unit", "install_date", "maintenance_unit", "maintenance_contact"],
};
export const REST = "rest";

export function grouped(fields: readonly FileField[]): [group: string, fields: FileField[]][] {
  const known = new Set(Object.values(GROUPS).flat());
  const groups = Object.entries(GROUPS).map(([group, names]): [string, FileField[]] => [
    group,
    names.flatMap((name) => fields.filter((field) => field.name === name)),
  ]);
  return [...groups, [REST, fields.filter(({ name }) => !known.has(name))]];
}

export const isMandatory = (field: FileField, pointType: string): boolean => field.is_mandatory || (field.is_mandatory_for_class_one && pointType === "1");

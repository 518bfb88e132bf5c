import { useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../api/client";
import { addPerson, changePerson, type PersonAdded, type PersonPatch, type PersonRow, type PersonWish } from "../../api/people";
import { useProvider } from "../../api/provider";
import FormDrawer from "../../shared/form/FormDrawer";
import type { Group, Schema, Words } from "../../shared/form/schema";
import { useLawCodes } from "../../shared/inventory/codes";
import { changedOf } from "../../shared/inventory/fields";
import { roleNames } from "./roles";

interface Props {
  me: Person;
  /** null: a new one. */
  person: PersonRow | null;
  close: () => void;
  added?: (person: PersonAdded) => void;
}

const WHOLE_CITY = ["2301"];

/** A person to add or to change; the password of a new one is made up. */
export default function PersonForm({ me, person, close, added }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const divisions = useLawCodes("division");
  const certificates = useLawCodes("certificate");
  const hasProvider = useProvider().data?.is_set === true;
  const schema = useMemo(() => formOf(t, divisions, certificates, person === null, hasProvider), [t, hasProvider, Object.keys(divisions).length, Object.keys(certificates).length, person === null]);
  const initial = useMemo(() => (person === null ? undefined : begin(person)), [person]);
  return (
    <FormDrawer
      title={t(person === null ? "people.add" : "people.edit")}
      submit={t("access.save")}
      schema={schema}
      draft={`${me.id} person ${person?.id ?? "add"}`}
      close={close}
      {...(initial === undefined ? {} : { initial })}
      send={async (wish) => {
        if (person === null) added?.(await addPerson(sent(wish) as PersonWish));
        else await changePerson(person.id, sent(changedOf(initial ?? {}, wish)) as PersonPatch);
        await client.invalidateQueries({ queryKey: ["people"] });
        await client.invalidateQueries({ queryKey: ["person"] });
        close();
      }}
    />
  );
}

/** No area chosen is the whole city; a kind of certificate that was taken away is empty. */
function sent({ areas, certificate_kind, subject, ...rest }: Group): Group {
  const chosen = Array.isArray(areas) && areas.length === 0 ? WHOLE_CITY : areas;
  return { ...rest, ...(areas === undefined ? {} : { areas: chosen }), ...(certificate_kind === undefined ? {} : { certificate_kind: certificate_kind ?? "" }), ...(subject === undefined ? {} : { subject: subject ?? "" }) };
}

const begin = ({ roles, organisation, areas = [], language, valid_from, contract_ends, certificate_kind, certificate_number, subject, home, enabled }: PersonRow): Group => ({
  roles,
  organisation: organisation ?? null,
  areas: areas.filter((area) => !WHOLE_CITY.includes(area)),
  valid_from,
  contract_ends,
  certificate_kind: certificate_kind === "" ? null : certificate_kind,
  certificate_number,
  subject: subject ?? "",
  home,
  language,
  enabled,
});

type Options = Readonly<Record<string, Words>>;
const orEmpty = (inner: Schema): Schema => ({ anyOf: [inner, { type: "null" }] });

function formOf(t: TFunction, divisions: Options, certificates: Options, isNew: boolean, hasProvider: boolean): Schema {
  const both = (key: string): Words => ({ zh: t(key, { lng: "zh-CN" }), en: t(key, { lng: "en" }) });
  const roles = Object.fromEntries(roleNames.map((role) => [role, both(`app.roles.${role}`)]));
  const languages = { zh: both("people.languages.zh"), en: both("people.languages.en") };
  const fields: Record<string, Schema> = {
    ...(isNew ? { name: { type: "string", minLength: 1, maxLength: 200 } } : {}),
    roles: { type: "array", items: { type: "string" }, options: roles, minItems: 1 },
    organisation: orEmpty({ type: "string", ref: "organisation" }),
    areas: { type: "array", items: { type: "string" }, options: divisions },
    valid_from: orEmpty({ type: "string", format: "date" }),
    contract_ends: orEmpty({ type: "string", format: "date" }),
    certificate_kind: orEmpty({ type: "string", options: certificates }),
    certificate_number: { type: "string", maxLength: 80 },
    ...(hasProvider ? { subject: { type: "string", maxLength: 255 } } : {}),
    home: { type: "string", maxLength: 40 },
    language: { type: "string", options: languages, default: "zh" },
    ...(isNew ? {} : { enabled: { type: "boolean" } }),
  };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, { ...schema, ...both(`people.fields.${name}`) }]));
  return { type: "object", required: isNew ? ["name", "roles"] : ["roles"], properties };
}

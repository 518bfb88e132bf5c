import type { JSX } from "react";
import { Link } from "react-router";

import { useReference, type Found } from "../../api/references";

export const nameOf = ({ name, note }: Pick<Found, "name" | "note">): string => (note === "" ? name : `${name} · ${note}`);

/** The name behind an id; the beginning of the id until it is known, and where it may not be known. */
export function RefName({ to, id }: { to: string; id: string }): JSX.Element {
  const { data } = useReference(to, id);
  return <span title={id}>{data === null || data === undefined || data.name === "" ? id.slice(0, 8) : nameOf(data)}</span>;
}

/** The same, as the way to where it is shown. */
export function RefLink({ to, id }: { to: string; id: string }): JSX.Element {
  const { data } = useReference(to, id);
  if (data === undefined || data === null || data.name === "") return <span title={id}>{id.slice(0, 8)}</span>;
  return data.page === null ? <>{nameOf(data)}</> : <Link to={data.page}>{nameOf(data)}</Link>;
}

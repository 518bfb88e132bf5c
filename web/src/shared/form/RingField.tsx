/** An area: see `RingInput`. It comes with the map, so later than the form. */

import { lazy, Suspense, type JSX } from "react";

import { Loading } from "../States";
import { Fieldset } from "./Fieldset";
import type { FieldProps } from "./SchemaForm";

const RingInput = lazy(() => import("../../map/RingInput"));

type Corners = readonly (readonly [number | null, number | null])[];

export function RingField({ path, label, required, field, value, onChange }: FieldProps): JSX.Element {
  return (
    <Fieldset path={path} label={label} required={required}>
      <Suspense fallback={<Loading />}>
        <RingInput label={label} near={field.near ?? null} value={(value as Corners | null | undefined) ?? []} onChange={onChange} />
      </Suspense>
    </Fieldset>
  );
}

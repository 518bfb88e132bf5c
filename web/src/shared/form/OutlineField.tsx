/** An outline over a picture: see `MaskEditor`. It comes with its still, so later than the form. */

import { createContext, lazy, Suspense, useContext, type JSX } from "react";

import { useStill, type Shot } from "../masks/still";
import { Loading } from "../States";
import { Fieldset } from "./Fieldset";
import type { FieldProps } from "./SchemaForm";

const MaskEditor = lazy(() => import("../masks/MaskEditor").then((module) => ({ default: module.MaskEditor })));

type Corners = readonly (readonly [number, number])[];

/** Of which camera, and when, the picture is that outlines are drawn on. */
export const ShotContext = createContext<Shot | null>(null);

export function OutlineField({ path, label, required, value, onChange }: FieldProps): JSX.Element {
  const [still] = useStill(useContext(ShotContext));
  return (
    <Fieldset path={path} label={label} required={required}>
      <Suspense fallback={<Loading />}>
        <MaskEditor still={still} others={[]} value={(value as Corners | null | undefined) ?? []} onChange={onChange} />
      </Suspense>
    </Fieldset>
  );
}

import type { JSX, ReactNode } from "react";

/** A picture with the viewer's mark over it. */
export function Marked({ mark, children }: { mark: string; children: ReactNode }): JSX.Element {
  return (
    <div className="grant-picture">
      {children}
      {mark !== "" && <div className="grant-mark" data-testid="watermark" aria-hidden="true">{`${mark}   `.repeat(24)}</div>}
    </div>
  );
}

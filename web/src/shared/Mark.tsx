import type { JSX } from "react";

/** The product's mark: an ice crystal that is a lens. */
export function Mark({ size = 22 }: { size?: number }): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="mark">
      <path d="M16 3 27.3 9.5v13L16 29 4.7 22.5v-13Z" fill="none" stroke="currentColor" strokeWidth="2.2" />
      <circle cx="16" cy="16" r="5.4" fill="none" stroke="currentColor" strokeWidth="2.2" />
      <circle cx="16" cy="16" r="1.8" fill="currentColor" />
    </svg>
  );
}

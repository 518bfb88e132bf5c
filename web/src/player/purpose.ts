/** What the person looks for (art. 4): said with every opening, by a code of the law. The wall's standing one is the watch. */

export const PURPOSES = ["duty_watch", "emergency_event", "public_order_case", "criminal_case", "traffic_accident", "missing_person", "maintenance"] as const;
export type Purpose = (typeof PURPOSES)[number];
export const STANDING: Purpose = "duty_watch";

let chosen: Purpose = STANDING;

/** Of this page, until it is left: nobody goes on under yesterday's purpose without knowing. */
export const purposeNow = (): Purpose => chosen;

export function setPurpose(purpose: Purpose): void {
  chosen = purpose;
}

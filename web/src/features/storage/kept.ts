/** What the table of marks and holds and its dialogs know in common. */

import type { Person } from "../../api/client";
import type { Hold, Mark } from "../../api/storage";

export const REASON_MAX = 500; // characters, as the API takes

export const askedByMe = ({ release }: Mark | Hold, { id, name }: Pick<Person, "id" | "name">): boolean =>
  release !== null && (release.asked_by === name || release.asked_by === id);

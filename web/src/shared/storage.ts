/** What a person chose on this computer: kept in the browser, never needed to work. */

type Name = "language" | "theme" | "wall" | "list" | "scale" | "columns";

export function readPreference(name: Name): string | null {
  try {
    return window.localStorage.getItem(`bingjian.${name}`);
  } catch {
    return null; // storage switched off by policy
  }
}

export function writePreference(name: Name, value: string): void {
  try {
    window.localStorage.setItem(`bingjian.${name}`, value);
  } catch {
    // storage switched off by policy: the choice lasts until the page is closed
  }
}

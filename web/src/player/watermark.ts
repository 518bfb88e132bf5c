/**
 * The viewer's mark over a picture, and the guard that sees when somebody takes it away.
 *
 * The element is ours, not React's: whoever removes it from the page must not break the page with it.
 */

import { civilText, SECOND } from "../shared/time";

const LOOK_EVERY = SECOND; // style sheets change without a mutation, and the minute does
const REPEATED = 160; // times the text stands there: enough for the largest wall
const FAINTEST = 0.25; // below this opacity nobody reads it
const WATCHED: MutationObserverInit = { attributes: true, childList: true, characterData: true, subtree: true };

/** "Li Wei · Daoli police · 2026-11-26 12:00", by the clock of China. */
export const markText = (who: string, nowMs: number): string => `${who} · ${civilText(nowMs).slice(0, 16)}`;

/**
 * Put the mark behind `anchor`, over all that stands before it.
 *
 * `onGone` is called once, as soon as the mark is gone, changed, or can't be seen. What is given back takes it away.
 */
export function putMark(anchor: Element, who: string, onGone: () => void): () => void {
  const mark = document.createElement("div");
  mark.className = "watermark";
  mark.dataset["testid"] = "watermark";
  mark.setAttribute("aria-hidden", "true");
  let text = "";
  const write = (): void => {
    text = markText(who, Date.now());
    mark.textContent = `${text}    `.repeat(REPEATED);
  };
  write();
  anchor.after(mark);
  const parent = anchor.parentElement as Element;

  const isThere = (): boolean => mark.parentElement === parent && mark.className === "watermark" && mark.style.length === 0 && mark.textContent.startsWith(text) && isSeen(mark, parent);
  const observer = new MutationObserver(() => check());
  const stop = (): void => {
    window.clearInterval(timer);
    observer.disconnect();
  };
  const check = (): void => {
    if (isThere()) return;
    stop();
    onGone();
  };
  const timer = window.setInterval(() => {
    check();
    if (text === markText(who, Date.now())) return;
    write();
    observer.takeRecords(); // our own
  }, LOOK_EVERY);
  observer.observe(mark, WATCHED);
  observer.observe(parent, { childList: true });
  return () => {
    stop();
    mark.remove();
  };
}

/** Shown, not transparent, not shrunk or moved off the picture. */
function isSeen(mark: Element, parent: Element): boolean {
  const { display, visibility, opacity } = getComputedStyle(mark);
  if (display === "none" || visibility === "hidden" || visibility === "collapse" || Number(opacity || 1) < FAINTEST) return false;
  const [own, host] = [mark.getBoundingClientRect(), parent.getBoundingClientRect()];
  if (host.width * host.height === 0) return true; // nothing of the picture is seen either
  return own.left <= host.left + 2 && own.right >= host.right - 2 && own.height >= host.height / 2 && own.top <= host.top + 2;
}

import { configure } from "@testing-library/react";

import { problemWords } from "./shared/i18n";

await problemWords(); // tests with a clock of their own would wait for ever for what is loaded on demand
configure({ asyncUtilTimeout: 15_000 }); // other tests may have the machine; nothing here judges speed

// What jsdom lacks and Ant Design asks for.
class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResizeObserver;
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addListener() {},
    removeListener() {},
    addEventListener() {},
    removeEventListener() {},
  }) as unknown as MediaQueryList;

HTMLCanvasElement.prototype.getContext = () => null; // jsdom draws nothing; what is drawn is seen in the browser tests
Element.prototype.setPointerCapture ??= () => undefined;
Element.prototype.scrollIntoView ??= () => undefined;

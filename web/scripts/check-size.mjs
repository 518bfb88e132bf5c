// First load of each entry page in gzip bytes, from Vite's manifest; exits 1 when over budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGETS = {
  // entry chunks a page needs before it can show anything → kilobytes (1000 bytes) over the wire
  "wall": { entries: ["index.html", "src/features/video/VideoPage.tsx"], kilobytes: 300 },
  "sign-in": { entries: ["index.html", "src/features/signin/SignInPage.tsx"], kilobytes: 300 },
  "camera list": { entries: ["index.html", "src/features/cameras/CameraPages.tsx", "src/features/cameras/FilesPage.tsx"], kilobytes: 400 },
  "camera file": { entries: ["index.html", "src/features/cameras/CameraPages.tsx", "src/features/cameras/FilePage.tsx"], kilobytes: 400 },
  "streams": { entries: ["index.html", "src/features/cameras/CamerasPage.tsx"], kilobytes: 400 },
  "map": { entries: ["index.html", "src/features/map/MapPage.tsx"], kilobytes: 440 },
  "places": { entries: ["index.html", "src/features/places/PlacePages.tsx"], kilobytes: 400 },
  "import": { entries: ["index.html", "src/features/imports/ImportPages.tsx", "src/features/imports/SheetPage.tsx"], kilobytes: 400 },
  "regulation": { entries: ["index.html", "src/features/regulation/RegulationPage.tsx"], kilobytes: 400 },
  "procedures": { entries: ["index.html", "src/features/procedures/ProcedurePages.tsx"], kilobytes: 400 },
  "duties": { entries: ["index.html", "src/features/duties/DutiesPage.tsx"], kilobytes: 300 },
  "overview": { entries: ["index.html", "src/features/overview/OverviewPage.tsx"], kilobytes: 300 },
  "inspection": { entries: ["index.html", "src/features/inspection/InspectionPage.tsx"], kilobytes: 400 },
  "requests": { entries: ["index.html", "src/features/requests/RequestPages.tsx"], kilobytes: 400 },
  "account": { entries: ["index.html", "src/features/account/AccountPage.tsx"], kilobytes: 300 },
  "people": { entries: ["index.html", "src/features/people/PeoplePages.tsx"], kilobytes: 400 },
  "storage": { entries: ["index.html", "src/features/storage/StoragePages.tsx", "src/features/storage/RetentionPage.tsx"], kilobytes: 400 },
};

const WORDS = "src/shared/dictionaries/zh-CN.ts"; // of the two languages the larger; one is loaded

const root = new URL("../../bingjian/_web/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", root), "utf8"));

function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const next of chunk.imports ?? []) filesOf(next, seen);
  return seen;
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, root)), { level: 6 }).length;
let over = false;
for (const [page, { entries, kilobytes }] of Object.entries(BUDGETS)) {
  const wanted = [...entries, WORDS];
  const missing = wanted.filter((entry) => !(entry in manifest));
  if (missing.length > 0) throw new Error(`no such chunk: ${missing.join(", ")}`);
  const files = new Set(wanted.flatMap((entry) => [...filesOf(entry)]));
  const total = [...files].reduce((sum, file) => sum + gzipped(file), 0) / 1000;
  const verdict = total <= kilobytes ? "ok" : "OVER BUDGET";
  console.log(`${page}: ${total.toFixed(1)} kB gz of ${kilobytes} kB — ${verdict}`);
  over ||= total > kilobytes;
}
process.exit(over ? 1 : 0);

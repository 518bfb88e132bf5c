import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { initialLanguage, startTranslations } from "./shared/i18n";
import "./styles.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
void startTranslations(initialLanguage()).then(() => createRoot(root).render(<App />));

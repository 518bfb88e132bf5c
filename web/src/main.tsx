import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { initialLanguage, startTranslations } from "./shared/i18n";
import "./styles.css";

startTranslations(initialLanguage());
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(<App />);

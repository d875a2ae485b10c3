// The design system's own behaviour: menus on small screens, error summaries, buttons that are pressed twice.
// Every page works without it.
import { initAll } from "../govuk/govuk.js";
initAll();

// The survey widget: one script on a company's page, no framework, everything inside a shadow root.
// <script src="https://valence.example.org/static/built/widget.js" data-site="KEY" async></script>
import { Answers, Asked, Site } from "./api";
import { panel } from "./panel";

const REST_DAYS = 90;
const DAY = 86_400_000;

/** Whether this browser was not asked here lately. Where nothing can be remembered, asking would never end: no. */
function rested(key: string, days: number): boolean {
  try {
    return Date.now() - Number(localStorage.getItem(key) || 0) > days * DAY;
  } catch {
    return false;
  }
}

function remember(key: string): void {
  try {
    localStorage.setItem(key, String(Date.now()));
  } catch {
    // nothing is kept: the next page asks `rested`, which says no
  }
}

async function ask(site: Site, key: string): Promise<void> {
  const asked = await site.call<Asked>("open");
  if (!asked.ask || !asked.questions.length) return;
  remember(key);
  const answers: Answers = {};
  panel(site, asked, answers);
}

const script = document.currentScript as HTMLScriptElement | null;
if (script?.dataset.site) {
  const { site, customer = "", proof = "", language, delay = "0", restDays } = script.dataset;
  const key = `valence:${site}`;
  const here = new Site(new URL(script.src).origin, site!, {
    customer,
    proof,
    language: language || document.documentElement.lang || navigator.language,
  });
  const begin = () => void ask(here, key).catch(() => undefined); // a page must never suffer from its survey
  if (rested(key, Number(restDays ?? REST_DAYS))) {
    if (Number(delay)) setTimeout(begin, Number(delay) * 1000);
    else begin();
  }
}

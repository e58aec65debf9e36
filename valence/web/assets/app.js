// What every page does in the browser. Without it the pages still work: links, forms and tables are the server's.
import htmx from "htmx.org";
import { watchKeys } from "./keys.js";
import { watchMenus } from "./menus.js";
import { watchMessages } from "./messages.js";
import { watchTheme } from "./theme_switch.js";

window.htmx = htmx;
watchKeys();
watchMenus();
watchMessages();
watchTheme();
watchCharts();
watchPagesBeside();

// The charts are a large file: it is fetched only where a page has one.
function watchCharts() {
  const draw = (where) => {
    if (where.querySelector("[data-chart]")) import("./charts.js").then((charts) => charts.drawCharts(where));
  };
  draw(document);
  document.addEventListener("htmx:afterSettle", () => draw(document));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card] [data-view]");
    if (button) switchView(button);
  });
}

function switchView(button) {
  const card = button.closest("[data-card]");
  card.dataset.view = button.dataset.view;
  for (const other of card.querySelectorAll("button[data-view]"))
    other.setAttribute("aria-pressed", String(other === button));
}

// On a phone the pages of a section are a row that scrolls: the one that is shown stands in its middle.
function watchPagesBeside() {
  const show = () => {
    const row = document.querySelector(".beside");
    const here = row && row.querySelector("[aria-current]");
    if (!here) return;
    const [around, own] = [row.getBoundingClientRect(), here.getBoundingClientRect()];
    row.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
  };
  show();
  document.addEventListener("htmx:afterSettle", show);
}

// Saves each answer as it is given, and shows the questions that follow from it. Without it the page works as well.
const form = document.querySelector("form");
const status = form?.querySelector("[role=status]");
let waiting;
let asked = 0;

const BOXES = new Set(["radio", "checkbox"]);

function fields() {
  return [...form.querySelectorAll("input:not([type=hidden]),textarea,select")];
}

function called(field) {
  return BOXES.has(field.type) ? `${field.name}\n${field.value}` : field.name;
}

function given() {
  return new Map(fields().map((field) => [called(field), BOXES.has(field.type) ? field.checked : field.value]));
}

// Puts in the questions that are new or say something else. What a person answered or wrote meanwhile stays as it is:
// the server does not know of it yet.
function follow(fresh) {
  const before = new Map([...form.querySelectorAll(".question")].map((one) => [one.id, one]));
  const kept = given();
  const anchor = form.querySelector(".go");
  let place = form.querySelector(".question");
  for (const one of fresh.querySelectorAll(".question")) {
    const old = before.get(one.id);
    before.delete(one.id);
    if (old?.contains(document.activeElement)) {
      const label = old.querySelector("legend,.q");
      label.textContent = one.querySelector("legend,.q").textContent;
    } else if (old) old.replaceWith(one);
    else (place?.parentNode === form ? place : anchor).after(one);
    place = document.getElementById(one.id);
  }
  for (const gone of before.values()) gone.remove();
  for (const field of fields()) {
    if (kept.has(called(field))) field[BOXES.has(field.type) ? "checked" : "value"] = kept.get(called(field));
  }
}

async function save() {
  const number = ++asked;
  try {
    const answer = await fetch(location.href, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("form");
    if (number !== asked || !fresh?.querySelector(".question")) return;
    follow(fresh);
    status.textContent = fresh.querySelector("[role=status]").textContent;
  } catch {
    status.textContent = ""; // nothing is lost: sending the form sends everything
  }
}

// Only what a person does counts: a script that fills the form in changes nothing here.
form?.addEventListener("change", (event) => {
  if (!event.isTrusted) return;
  clearTimeout(waiting);
  waiting = setTimeout(save, 250);
});
form?.addEventListener("submit", () => clearTimeout(waiting));
